"""A server that takes connections and never says a word."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from after202.hosts.ports import HOST
from after202.stacks.api import Api


@contextmanager
def silent_api() -> Iterator[Api]:
    """Give an API that accepts a request and does not answer it."""
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        yield Api(HOST, server.getsockname()[1])
