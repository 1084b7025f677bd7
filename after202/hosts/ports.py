"""Free ports on the loopback interface."""

import socket
from random import SystemRandom
from threading import Lock

from after202.kernel.errors import UsageError

HOST = "127.0.0.1"
# Below the range that the kernel uses for outgoing connections, so that no client can take a
# free port before the server binds it.
LOWEST, HIGHEST = 20_000, 32_000
TRIES = 100
# Each port is returned only once: its server may be down briefly before a restart.
_given: set[int] = set()
_giving = Lock()


def is_free(port: int) -> bool:
    """Return whether nothing listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Return whether a server accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """Return a port that nothing listens on and that was not returned before."""
    random = SystemRandom()
    for _ in range(TRIES):
        port = random.randrange(LOWEST, HIGHEST)
        with _giving:
            if port not in _given and is_free(port):
                _given.add(port)
                return port
    raise UsageError(f"no free port between {LOWEST} and {HIGHEST}: stop what listens there")
