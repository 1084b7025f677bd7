"""Requests written byte by byte, and an API in a thread to send them to."""

import asyncio
import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from fastapi import BackgroundTasks

from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.kernel.model import Job, Wiring, key_header
from apps.door import Limits
from apps.endpoints import create_app
from apps.strategy import Strategy, Variant
from tests.apps.client import TIMEOUT_S, Answer, Api


def head(framing: str, *, path: str = "/calibration", key: str = "") -> bytes:
    """Return the head of a request whose body is framed so."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json", framing]
    lines += [f"{name}: {value}" for name, value in key_header(key).items()]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(content: bytes) -> bytes:
    """Return a chunk of a body; an empty one is its end."""
    return b"%x\r\n%b\r\n" % (len(content), content)


@contextmanager
def served(limits: Limits, work_s: float = 0.0) -> Iterator[Api]:
    """Serve an application with these limits, in a thread; its work only takes time."""

    async def submit(_: Job, __: BackgroundTasks) -> None:
        await asyncio.sleep(work_s)

    app = create_app(Strategy("Tested", documented=Variant(submit)), Wiring(), limits)
    config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server((HOST, 0)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until("the server", lambda: server.started, TIMEOUT_S, [])
        try:
            yield Api(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def connected(port: int) -> socket.socket:
    """Return a connection to this machine."""
    return socket.create_connection((HOST, port), TIMEOUT_S)


def answer_to(port: int, request: bytes, *, closed: bool = False) -> Answer:
    """Send these bytes and nothing more; return the answer."""
    with connected(port) as connection:
        connection.sendall(request)
        return received(connection, closed=closed)


def received(connection: socket.socket, *, closed: bool = False) -> Answer:
    """Return the answer; with `closed`, require that the connection ends after it."""
    with http.client.HTTPResponse(connection) as response:
        response.begin()
        answer = Answer(response.status, response.read(), dict(response.headers))
    assert not closed or connection.recv(1) == b""
    return answer
