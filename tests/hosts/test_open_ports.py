"""Which connections of this machine are open: a client whose process has died has none."""

import socket

from after202.hosts.processes import open_ports


def test_a_port_is_open_while_its_connection_is() -> None:
    """Whichever end belongs to whom; one that only listens has no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with socket.create_connection(address) as client:
            port = client.getsockname()[1]
            taken, _ = listening.accept()
            with taken:
                assert {port, address[1]} <= open_ports()
        assert port not in open_ports()
