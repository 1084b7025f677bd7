"""Free ports on the loopback interface."""

import socket
from random import SystemRandom
from threading import Lock

from after202.kernel.errors import UsageError

HOST = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections: a port that
# is free now is not taken by a client of somebody's before the server binds it.
LOWEST, HIGHEST = 20_000, 32_000
TRIES = 100
# A port is given once: the server that had it may be down for a moment, to be started again.
_given: set[int] = set()
_giving = Lock()


def is_free(port: int) -> bool:
    """Say whether nothing listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Say whether a server accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """Return a port that nothing listens on, and that was not given before."""
    random = SystemRandom()
    for _ in range(TRIES):
        port = random.randrange(LOWEST, HIGHEST)
        with _giving:
            if port not in _given and is_free(port):
                _given.add(port)
                return port
    raise UsageError(f"no free port between {LOWEST} and {HIGHEST}: end what listens there")
