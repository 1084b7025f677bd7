"""Another user of the machine: what it tries on a server, and how to become it."""

import http.client
import os
import smtplib
import socket
import struct
from collections.abc import Callable
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

from after202.hosts.local import NOBODY

TIMEOUT_S, CHILD_S = 5.0, 60.0
STARTUP = struct.pack("!I", 196608) + b"user\0postgres\0database\0postgres\0\0"


def api(port: int) -> list[str]:
    """Ask for an answer, for the API's document, and for work."""
    asked = [
        ("GET", "/ping", {}), ("GET", "/openapi.json", {}), ("POST", "/empty", {}),
        ("GET", "/ping", {"Authorization": "Bearer "}),
        ("GET", "/ping", {"Authorization": "Bearer guess"}),
    ]  # fmt: skip
    found = []
    for method, path, headers in asked:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        connection.request(method, path, b"", headers)
        found.append(str(connection.getresponse().status))
        connection.close()
    return found


def redis(port: int) -> list[str]:
    """Look, enqueue, reconfigure, and guess a password."""
    commands = ["PING", "KEYS *", "LPUSH queue message", "CONFIG SET dir /tmp", "AUTH guess"]
    return [_said(port, f"{command}\r\n".encode()) for command in commands]


def postgres(port: int) -> list[str]:
    """Connect as the superuser: `R` and then a number, which is 0 for whoever is let in."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(struct.pack("!I", len(STARTUP) + 4) + STARTUP)
        answer = connection.recv(4096)
    (method,) = struct.unpack("!I", answer[5:9])
    return [f"{answer[:1].decode()} {method}"]


def mail(port: int) -> list[str]:
    """Send a message, and guess a password (`after202` and `guess`)."""
    with smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT_S, local_hostname="x") as server:
        server.ehlo()
        tries = [("MAIL", "FROM:<a@b.example>"), ("AUTH", "PLAIN AGFmdGVyMjAyAGd1ZXNz")]
        return [str(server.docmd(*command)[0]) for command in tries]


def readable(path: Path) -> list[str]:
    """Return the path if the file can be read, or the folder listed."""
    try:
        path.read_bytes() if path.is_file() else list(path.iterdir())
    except OSError:
        return []
    return [str(path)]


SERVERS = {"api": api, "redis": redis, "postgres": postgres, "mail": mail}


def _said(port: int, command: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(command)
        return connection.recv(4096).decode().strip()


def as_nobody(attempt: Callable[[], list[str]]) -> list[str]:
    """Return what an attempt finds in a child process without rights; OSError if it could not run.

    The child is forked, because another user may not be allowed to read this interpreter's files.
    """
    ours, theirs = Pipe(duplex=False)
    child = get_context("fork").Process(target=_attempt, args=(attempt, theirs))
    child.start()
    child.join(CHILD_S)
    if not ours.poll():
        child.kill()
        raise OSError("the attempt gave no answer")
    found = ours.recv()
    child.join()
    if isinstance(found, Exception):
        raise OSError(f"the attempt failed: {found!r}")
    return list(found)


def _attempt(attempt: Callable[[], list[str]], answers: Connection) -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    try:
        answers.send(attempt())
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
        answers.send(error)
