"""Requests over plain sockets, with the moments of their first and last bytes."""

import http.client
import select
import socket
import struct
import time

from after202.hosts.ports import HOST
from loadtests.claims import Answer

TIMEOUT_S = 30.0
RESET = struct.pack("ii", 1, 0)


class Connection:
    """A connection that is kept until it is closed."""

    def __init__(self, port: int) -> None:
        """Connect to a server on this machine."""
        self._socket = socket.create_connection((HOST, port), TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._method, self._sent_s = "", 0.0

    def send(self, path: str, body: bytes | None = None, **headers: str) -> None:
        """Send a request, a POST if it has a body; underscores in headers' names are hyphens."""
        self._method = "GET" if body is None else "POST"
        lines = [f"{self._method} {path} HTTP/1.1", f"Host: {HOST}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join([*lines, "", ""]).encode() + (body or b"")
        self._sent_s = time.monotonic()
        self._socket.sendall(message)

    def receive(self) -> Answer:
        """Wait for the answer; one of status 0 if the connection ends or the time is up first."""
        select.select([self._socket], [], [], TIMEOUT_S)
        first_byte_s = time.monotonic()
        found = http.client.HTTPResponse(self._socket, method=self._method)
        try:
            found.begin()
            body = found.read()
        except (OSError, http.client.HTTPException):
            now_s = time.monotonic()
            return Answer(0, b"", {}, self._sent_s, now_s, now_s)
        finally:
            found.close()
        headers = {name.lower(): value for name, value in found.getheaders()}
        return Answer(
            found.status, body, headers, self._sent_s, first_byte_s, time.monotonic()
        )  # fmt: skip

    def get(self, path: str) -> Answer:
        """Send a GET and wait for its answer."""
        self.send(path)
        return self.receive()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def reset(self) -> None:
        """Close it with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._socket.close()


def ask(port: int, path: str, body: bytes | None = None) -> Answer:
    """Send one request over a connection of its own; status 0 if there is nobody."""
    began_s = time.monotonic()
    try:
        connection = Connection(port)
    except OSError:
        now_s = time.monotonic()
        return Answer(0, b"", {}, began_s, now_s, now_s)
    try:
        connection.send(path, body, Connection="close")
        return connection.receive()
    except OSError:
        now_s = time.monotonic()
        return Answer(0, b"", {}, began_s, now_s, now_s)
    finally:
        connection.close()
