"""A network of an experiment's own."""

import socket
from typing import cast

import pytest

from loadtests.claims import CannotRunError, Evidence, Lab
from loadtests.claims.network import drop, in_own_network

HERE = "127.0.0.1"
pytestmark = pytest.mark.processes


def _connects(port: int) -> bool:
    try:
        socket.create_connection((HERE, port), 0.5).close()
    except OSError:
        return False
    return True


def test_packets_are_dropped_in_a_network_of_its_own() -> None:
    """Nobody listens there on our port; one listens on its own, until packets are dropped."""

    @in_own_network
    def experiment(_: Lab) -> Evidence:
        with socket.create_server((HERE, 0)) as server:
            port = server.getsockname()[1]
            before = _connects(port)
            drop(port)
            return {"seen": {"ours": _connects(ours), "own": before, "dropped": _connects(port)}}

    with socket.create_server((HERE, 0)) as outside:
        ours = outside.getsockname()[1]
        try:
            found = experiment(cast("Lab", None))
        except CannotRunError as error:
            pytest.skip(str(error))
        assert found == {"seen": {"ours": False, "own": True, "dropped": False}}
        assert _connects(ours)
