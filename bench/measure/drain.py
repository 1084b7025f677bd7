"""The drain: after the load, wait until the accepted work has ended, or for so long."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

from bench.ledger import Event, EventKind, LedgerReader

POLL_S = 0.05
# Work that is done twice may end twice: look on for a moment after all has ended once.
QUIET_S = 0.25


class Progress:
    """Which steps have ended, well or not, as the ledger grows."""

    def __init__(self, ledger: Path, ignored: Collection[UUID]) -> None:
        """Follow a ledger folder; the ignored jobs are not of the load."""
        self._reader = LedgerReader(ledger)
        self._ignored = set(ignored)
        self._ended: set[tuple[UUID, int]] = set()

    def ended_steps(self) -> int:
        """Count the steps that have ended so far, each once."""
        self._ended.update(
            self._key(event) for event in self._reader.new_events() if self._ends(event)
        )
        return len(self._ended)

    def _ends(self, event: Event) -> bool:
        return event.kind is not EventKind.START and event.job_id not in self._ignored

    @staticmethod
    def _key(event: Event) -> tuple[UUID, int]:
        return event.job_id, event.step


def drain(
    progress: Progress, expected_steps: int, horizon_s: float, watch: Callable[[], None]
) -> bool:
    """Return True once the expected steps have ended and a moment has passed; False at the horizon.

    `watch` is called at every look and may raise, for example because a process has died.
    """
    deadline_s = time.monotonic() + horizon_s
    while progress.ended_steps() < expected_steps:
        watch()
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    time.sleep(QUIET_S)
    return True
