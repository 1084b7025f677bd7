"""The door in front of every API: it refuses requests without the key and bodies that are too much.

Behind it, the application sees a request only once its body has arrived whole.

uvicorn 0.54 limits neither the size of a body nor the time it takes. The door sees a request after
its head, so a client that never finishes the head keeps its connection: `timeout_keep_alive`
covers only connections that are idle between two requests.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.workloads.uploads import LIMIT_BYTES

# What a multipart body holds besides its file.
FRAMING_BYTES = 65_536
CLOSE = (b"connection", b"close")
CHALLENGE = (b"www-authenticate", b"Bearer")


@dataclass(frozen=True)
class Limits:
    """The largest body, in bytes, and the longest wait for a whole one, in seconds."""

    body_bytes: int = LIMIT_BYTES + FRAMING_BYTES
    body_s: float = 10.0


LIMITS = Limits()


class Refusal(BaseModel):
    """The answer to a request that is refused: why."""

    detail: str


class RefusedError(Exception):
    """The request is refused; holds the answer."""

    def __init__(self, status: HTTPStatus, detail: str, header: tuple[bytes, bytes]) -> None:
        """Compose the answer, in the form of FastAPI's own."""
        super().__init__(detail)
        self._status = status
        self._body = json.dumps({"detail": detail}).encode()
        length = str(len(self._body)).encode()
        self._headers = [
            (b"content-type", b"application/json"), (b"content-length", length), header,
        ]  # fmt: skip

    async def answer(self, send: Send) -> None:
        """Send the answer."""
        start = {"status": self._status.value, "headers": self._headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self._body})


# What the OpenAPI document says of the door: it stands before every endpoint.
ANSWERS: dict[int | str, dict[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {
        "model": Refusal, "description": "The API requires a key, and this is not it",
    },
    HTTPStatus.REQUEST_TIMEOUT: {
        "model": Refusal, "description": f"The body was not whole after {LIMITS.body_s:g} s",
    },
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {
        "model": Refusal, "description": "The body, or the file in it, is too large",
    },
}  # fmt: skip


class Door:
    """ASGI middleware: 401 without the key, 413 for a body too large, 408 for one too slow.

    The key is the whole of `Authorization: Bearer <key>`; an empty one lets everybody in. It is
    looked at before the body. Only a 401 leaves the connection open.
    """

    def __init__(self, app: ASGIApp, api_key: str, limits: Limits = LIMITS) -> None:
        """Stand before the application."""
        self._app = app
        self._credentials = f"Bearer {api_key}".encode() if api_key else b""
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            self._check_key(headers)
            admitted = await self._with_body(headers, receive) if has_body(headers) else receive
        except RefusedError as refused:
            await refused.answer(send)
            return
        if admitted is not None:
            await self._app(scope, admitted, send)

    def _check_key(self, headers: Mapping[bytes, bytes]) -> None:
        """Require the key, if there is one; RefusedError."""
        given = headers.get(b"authorization", b"")
        if self._credentials and not hmac.compare_digest(given, self._credentials):
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "Not authenticated", CHALLENGE)

    async def _with_body(self, headers: Mapping[bytes, bytes], receive: Receive) -> Receive | None:
        """Return a `receive` that has the whole body; None if the client left; RefusedError."""
        self._check_size(int(headers.get(b"content-length", b"0")))
        try:
            async with asyncio.timeout(self._limits.body_s):
                body = await self._whole_body(receive)
        except TimeoutError:
            detail = f"The body was not whole after {self._limits.body_s:g} s."
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, detail, CLOSE) from None
        return None if body is None else giving(body, receive)

    async def _whole_body(self, receive: Receive) -> bytes | None:
        """Return the body; None if the client left before its end; RefusedError."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            self._check_size(len(body))
            more = message.get("more_body", False)
        return bytes(body)

    def _check_size(self, size_bytes: int) -> None:
        """Require a body within the limit; RefusedError."""
        if size_bytes > self._limits.body_bytes:
            detail = f"The body is larger than {self._limits.body_bytes} bytes."
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, CLOSE)


def has_body(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a body follows; in a request, the head always says so (RFC 9112, 6.3)."""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def giving(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body first, and then what the server says."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message
