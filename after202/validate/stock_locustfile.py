"""Stock Locust, for comparison: closed-loop users with `constant_throughput`.

Each user records how far each request is behind a schedule of equal periods. A user's schedule is
placed so that its earliest request is exactly on time and none is ahead. The differences are
written as JSON to AFTER202_SLIPS when the test ends.
"""

import json
import os
import time
from pathlib import Path

from locust import FastHttpUser, constant_throughput, events, task

PER_USER_PER_S = float(os.environ["AFTER202_PER_USER_PER_S"])
behind_s: list[list[float]] = []


class StockUser(FastHttpUser):
    """Request one job after the other, at a constant rate."""

    wait_time = constant_throughput(PER_USER_PER_S)

    def on_start(self) -> None:
        """Start with no requests recorded."""
        self._behind_s: list[float] = []
        behind_s.append(self._behind_s)

    @task
    def send(self) -> None:
        """Record the time, minus the periods so far, and send."""
        self._behind_s.append(time.monotonic() - len(self._behind_s) / PER_USER_PER_S)
        self.client.post("/known", data=b"")


@events.quitting.add_listener
def write(**_: object) -> None:
    """Write the slips."""
    slips_s = [at_s - min(of_user) for of_user in behind_s for at_s in of_user]
    Path(os.environ["AFTER202_SLIPS"]).write_text(json.dumps(slips_s))
