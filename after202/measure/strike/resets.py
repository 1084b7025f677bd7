"""Requests for jobs whose connection is reset before the answer, as the fault N1 sends them."""

import time
from pathlib import Path
from uuid import uuid4

from after202.kernel.model import Offer
from after202.records.experiment import Outcome, Stream
from after202.records.request_log import Requests
from after202.records.requests import OUTCOMES, STREAMS
from after202.stacks.api import Api

NUMBER = 1  # of their rows' file, beside the generator's, which has number 0


class ResetRequests:
    """Sends such requests and keeps their rows: the client never knows what became of them."""

    def __init__(self, api: Api, offer: Offer) -> None:
        """Send them to an API; nothing is sent yet."""
        self._api = api
        self._offer = offer
        self._rows = Requests()

    def send(self, after_s: float) -> bool:
        """Send one and reset its connection after this long; return whether it could be sent."""
        job_id, now_ns = uuid4(), time.monotonic_ns()
        try:
            self._api.submit_and_reset(self._offer, job_id, after_s)
        except OSError:
            return False
        outcome = OUTCOMES.index(Outcome.UNKNOWN)
        times_ns = (now_ns, now_ns, -1)
        self._rows.record(STREAMS.index(Stream.JOBS), str(job_id), times_ns, 0, outcome)
        return True

    def write(self, folder: Path) -> None:
        """Write their rows, if there are any."""
        if len(self._rows):
            self._rows.write(folder, NUMBER)
