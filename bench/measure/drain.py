"""The drain: after the load, wait until the accepted work has ended, or for so long."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

from bench.ledger import Event, EventKind, LedgerReader

POLL_S = 0.05
# Work that is done twice may end twice: look on for a moment after all has ended once.
QUIET_S = 0.25
# Where nothing has started or ended for so long, and no queue holds anything, nothing will.
STILL_S = 3.0

JobStep = tuple[UUID, int]


class Progress:
    """How far the steps have come, as the ledger grows."""

    def __init__(self, ledger: Path, ignored: Collection[UUID]) -> None:
        """Follow a ledger folder; the ignored jobs are not of the load."""
        self._reader = LedgerReader(ledger)
        self._ignored = set(ignored)
        self._ended: set[JobStep] = set()
        self._done: set[JobStep] = set()
        self._pids: dict[JobStep, int] = {}
        self._last_s = time.monotonic()
        self.begun = False

    def ended_steps(self) -> int:
        """Count the steps that have ended so far, well or not, each once."""
        self._look()
        return len(self._ended)

    def undone(self, jobs: Collection[UUID], steps: int) -> int:
        """Count the steps of these jobs that have not ended well yet."""
        self._look()
        return sum((job, step) not in self._done for job in jobs for step in range(steps))

    def running_pids(self) -> list[int]:
        """Return the process of each step that has started last and not ended."""
        self._look()
        return list(self._pids.values())

    def is_still(self) -> bool:
        """Say whether nothing has started or ended for a while."""
        self._look()
        return time.monotonic() - self._last_s > STILL_S

    def _look(self) -> None:
        for event in self._reader.new_events():
            if event.job_id not in self._ignored:
                self._take(event)

    def _take(self, event: Event) -> None:
        key = (event.job_id, event.step)
        self.begun = True
        self._last_s = time.monotonic()
        if event.kind is EventKind.START:
            self._pids[key] = event.pid
            return
        self._pids.pop(key, None)
        self._ended.add(key)
        if event.kind is EventKind.END:
            self._done.add(key)


def drain(
    progress: Progress, expected_steps: int, horizon_s: float, watch: Callable[[], None]
) -> bool:
    """Return True once the expected steps have ended and a moment has passed; False at the horizon.

    `watch` is called at every look and may raise, for example because a process has died.
    """
    return _wait(lambda: progress.ended_steps() >= expected_steps, horizon_s, watch)


def settle(
    progress: Progress,
    undone: Callable[[], int],
    holds: Callable[[], bool],
    horizon_s: float,
    watch: Callable[[], None],
) -> bool:
    """Return True once nothing is undone, or nobody has what is; False at the horizon.

    Nobody has it if nothing starts or ends any more and the queue holds nothing.
    """
    return _wait(lambda: undone() == 0 or (progress.is_still() and not holds()), horizon_s, watch)


def _wait(condition: Callable[[], bool], horizon_s: float, watch: Callable[[], None]) -> bool:
    deadline_s = time.monotonic() + horizon_s
    while not condition():
        watch()
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    time.sleep(QUIET_S)
    return True
