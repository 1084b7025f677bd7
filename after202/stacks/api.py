"""The harness's client of an API: asks whether it is up and what it offers, and submits jobs."""

import http.client
import json
import socket
import struct
import time
from http import HTTPStatus
from uuid import UUID

from after202.kernel.errors import TrialError
from after202.kernel.model import JOB_ID_HEADER, Offer, VariantFacts, key_header

# Longer than any job: an answer may come when that is done.
TIMEOUT_S = 30.0
# A linger time of zero makes the close of a connection a reset.
RESET = struct.pack("ii", 1, 0)


class Api:
    """An API under test; `key` is what it asks of its clients, empty if it asks nothing."""

    def __init__(self, host: str, port: int, key: str = "") -> None:
        """Keep the API's address and key."""
        self.url = f"http://{host}:{port}"
        self.key = key
        self._address = (host, port)

    def is_up(self) -> bool:
        """Return whether it answers."""
        try:
            return self._exchange("GET", "/ping")[0] == HTTPStatus.OK
        except TrialError:
            return False

    def variant(self) -> VariantFacts:
        """Return how the API and its workers are configured."""
        found = json.loads(self._exchange("GET", "/health")[1])
        return VariantFacts.model_validate(
            {name: found[name] for name in VariantFacts.model_fields if name in found}
        )

    def offer(self, workload: str) -> Offer:
        """Return how the API describes a workload; TrialError if it has none of that name."""
        paths = json.loads(self._exchange("GET", "/openapi.json")[1])["paths"].values()
        for operation in (operation for path in paths for operation in path.values()):
            if operation.get("operationId") == workload:
                return Offer.model_validate(operation["x-workload"])
        raise TrialError(f"the API offers no workload {workload!r}")

    def submit_and_reset(self, offer: Offer, job_id: UUID, after_s: float) -> None:
        """Send a request for one job, and reset the connection after a moment.

        OSError if the connection cannot be made.
        """
        example = offer.example.numbered(0)
        headers = {**example.headers, **key_header(self.key), JOB_ID_HEADER: str(job_id)}
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        connection.request(example.method, example.path, example.body.encode(), headers)
        time.sleep(after_s)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()

    def ask(self, offer: Offer, job_id: UUID, number: int = 0) -> tuple[int, bytes]:
        """Ask for one job; return the status and the body of the answer.

        TrialError if none arrives in time.
        """
        example = offer.example.numbered(number)
        headers = {**example.headers, JOB_ID_HEADER: str(job_id)}
        return self._exchange(example.method, example.path, example.body, headers)

    def submit(self, offer: Offer, job_id: UUID) -> None:
        """Submit one job; TrialError if it is not accepted."""
        status, body = self.ask(offer, job_id)
        if status != HTTPStatus.ACCEPTED:
            raise TrialError(
                f"the canary job was answered {status}: {body.decode(errors='replace')}"
            )

    def _exchange(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return the status and the body of the answer; TrialError if none arrives in time."""
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
        try:
            told = {**(headers or {}), **key_header(self.key)}
            connection.request(method, path, body.encode(), told)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise TrialError(f"{method} {self.url}{path} had no answer: {error!r}") from error
        finally:
            connection.close()
