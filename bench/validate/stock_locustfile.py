"""Stock Locust, for comparison: closed-loop users with `constant_throughput`.

Each user notes when it began a request and when it meant to: its first beginning plus a whole
number of its periods. The differences are written as JSON to AFTER202_SLIPS when the test ends.
"""

import json
import os
import time
from pathlib import Path

from locust import FastHttpUser, constant_throughput, events, task

PER_USER_PER_S = float(os.environ["AFTER202_PER_USER_PER_S"])
slips_s: list[float] = []


class StockUser(FastHttpUser):
    """Asks for one job after the other, at its rate."""

    wait_time = constant_throughput(PER_USER_PER_S)

    def on_start(self) -> None:
        """Begin with nothing sent."""
        self._start_s = 0.0
        self._sent = 0

    @task
    def send(self) -> None:
        """Note the slip from the schedule that the first request began, and send."""
        now_s = time.monotonic()
        self._start_s = self._start_s or now_s
        slips_s.append(now_s - self._start_s - self._sent / PER_USER_PER_S)
        self._sent += 1
        self.client.post("/known", data=b"")


@events.quitting.add_listener
def write(**_: object) -> None:
    """Write the slips."""
    Path(os.environ["AFTER202_SLIPS"]).write_text(json.dumps(slips_s))
