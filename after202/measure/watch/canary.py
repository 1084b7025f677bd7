"""The canary: one job sent all the way through before the load, which also checks the clock."""

import time
from pathlib import Path
from uuid import UUID

from after202.hosts.local import until
from after202.kernel import ledger
from after202.kernel.errors import UsageError
from after202.kernel.model import Offer
from after202.measure.watch.progress import Progress
from after202.stacks.interface import Stack

CANARY_S = 30.0


def send(stack: Stack, offer: Offer, job_id: UUID, folder: Path, progress: Progress) -> None:
    """Submit the job, and wait until the ledger in the folder records its end."""
    asked_ns = time.monotonic_ns()
    stack.api.submit(offer, job_id)
    steps = len(offer.steps)
    done = lambda: progress.ended_steps() >= steps  # noqa: E731 - a condition to poll
    until("the canary job's end", done, CANARY_S, stack.children)
    require_one_clock(folder, asked_ns, time.monotonic_ns())


def require_one_clock(folder: Path, asked_ns: int, ended_ns: int) -> None:
    """Raise UsageError unless all ledger events lie between these two times of this machine."""
    events = (event for file in ledger.read_folder(folder) for event in file.events)
    off_ns = [at for event in events if not asked_ns <= (at := event.at_ns) <= ended_ns]
    if off_ns:
        raise UsageError(
            f"the clock of the system under test is not this machine's: they are"
            f" {abs(off_ns[0] - asked_ns) / 1e9:.3f} s apart, so times cannot be compared;"
            " measure where the containers run: docker compose run --rm bench"
        )
