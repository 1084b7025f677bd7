"""What the harness itself asks of an API: is it up, what does it offer, one canary job."""

import http.client
import json
import socket
import struct
import time
from http import HTTPStatus
from uuid import UUID

from after202.kernel.errors import TrialError
from after202.kernel.model import JOB_ID_HEADER, Offer, Variant

TIMEOUT_S = 10.0
# Lingering for no time turns the close of a connection into a reset.
RESET = struct.pack("ii", 1, 0)


class Api:
    """An API under test."""

    def __init__(self, host: str, port: int) -> None:
        """Name the address."""
        self.url = f"http://{host}:{port}"
        self._address = (host, port)

    def is_up(self) -> bool:
        """Say whether it answers."""
        try:
            return self._exchange("GET", "/ping")[0] == HTTPStatus.OK
        except OSError:
            return False

    def variant(self) -> Variant:
        """Return how the API and its workers are set."""
        found = json.loads(self._exchange("GET", "/health")[1])
        return Variant.model_validate({name: found[name] for name in Variant.model_fields})

    def offer(self, workload: str) -> Offer:
        """Return what the API says of a workload; TrialError if it has none of that name."""
        paths = json.loads(self._exchange("GET", "/openapi.json")[1])["paths"].values()
        for operation in (operation for path in paths for operation in path.values()):
            if operation.get("operationId") == workload:
                return Offer.model_validate(operation["x-workload"])
        raise TrialError(f"the API offers no workload {workload!r}")

    def submit_and_reset(self, offer: Offer, job_id: UUID, after_s: float) -> None:
        """Ask for one job, and reset the connection a moment later; OSError if none is made."""
        example = offer.example.numbered(0)
        headers = {**example.headers, JOB_ID_HEADER: str(job_id)}
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        connection.request(example.method, example.path, example.body.encode(), headers)
        time.sleep(after_s)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()

    def submit(self, offer: Offer, job_id: UUID) -> None:
        """Ask for one job; TrialError if it is not accepted."""
        example = offer.example.numbered(0)
        headers = {**example.headers, JOB_ID_HEADER: str(job_id)}
        status, body = self._exchange(example.method, example.path, example.body, headers)
        if status != HTTPStatus.ACCEPTED:
            raise TrialError(
                f"the canary job was answered {status}: {body.decode(errors='replace')}"
            )

    def _exchange(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body.encode(), headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
