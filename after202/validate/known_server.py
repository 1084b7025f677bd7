"""`python -m after202.validate.known_server PORT SPIN_US WAIT_US`: a known service time."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from after202.kernel.model import Example, Offer

WORKLOAD = "known"
OFFER = Offer(steps=(), ordered=False, example=Example(method="POST", path="/known"))
OPERATION = {"operationId": WORKLOAD, "x-workload": OFFER.model_dump(mode="json")}
DOCUMENT = json.dumps({"paths": {"/known": {"post": OPERATION}}}).encode()
Send = Callable[[dict[str, Any]], Awaitable[None]]


def known_app(spin_us: int, wait_us: int) -> Callable[..., Awaitable[None]]:
    """Return an ASGI application that spins for one request at a time; any number may wait."""

    async def app(scope: dict[str, Any], _: object, send: Send) -> None:
        if scope["path"] == "/openapi.json":
            await _answer(send, 200, DOCUMENT)
            return
        end_ns = time.monotonic_ns() + spin_us * 1000
        while time.monotonic_ns() < end_ns:
            pass
        if wait_us:
            await asyncio.sleep(wait_us / 1e6)
        await _answer(send, 202, b"{}")

    return app


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    port, *service_us = map(int, sys.argv[1:])
    options: dict[str, Any] = {"log_level": "warning", "access_log": False, "lifespan": "off"}
    # Keep idle connections open. If the machine stalls for the 5 s of uvicorn's default, a request
    # may be sent on a connection that is just being closed, and be lost through nobody's fault.
    options["timeout_keep_alive"] = 3600
    uvicorn.run(known_app(*service_us), host="127.0.0.1", port=port, **options)
