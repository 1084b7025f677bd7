"""The drain: after the load, wait until the accepted work has ended, or for so long."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

from after202.kernel.ledger import Event, EventKind, LedgerReader, Writer, writer_of

POLL_S = 0.05
# Looking into a queue takes some time of it.
LOOK_S = 0.25
# Work that is done twice may end twice: look on for a moment after all has ended once.
QUIET_S = 0.25
# Where nothing has started or ended for so long, and no queue holds anything, nothing will.
STILL_S = 3.0
# Work that goes on for so long is being done again and again.
ENDLESS_S = 300.0

JobStep = tuple[UUID, int]


class Progress:
    """How far the steps have come, as the ledger grows."""

    def __init__(
        self, ledger: Path, ignored: Collection[UUID], lives: Callable[[Writer], bool]
    ) -> None:
        """Follow a ledger folder; the ignored jobs are not of the load.

        `lives` says whether a process that wrote events is still there.
        """
        self._reader = LedgerReader(ledger)
        self._ignored = set(ignored)
        self._ended: set[JobStep] = set()
        self._done: set[JobStep] = set()
        self._lives = lives
        self._writers: dict[JobStep, Writer] = {}
        self._last_s = time.monotonic()
        self._starts = 0

    def ended_steps(self) -> int:
        """Count the steps that have ended so far, well or not, each once."""
        self._look()
        return len(self._ended)

    def started_steps(self) -> int:
        """Count how often a step has started."""
        self._look()
        return self._starts

    def undone(self, jobs: Collection[UUID], steps: int) -> int:
        """Count the steps of these jobs that have not ended well yet."""
        self._look()
        return sum((job, step) not in self._done for job in jobs for step in range(steps))

    def running(self) -> list[Writer]:
        """Return the process of each step that has started last and not ended."""
        self._look()
        return list(self._writers.values())

    def running_jobs(self) -> set[UUID]:
        """Return the jobs of which a step has started and not ended in a process that lives."""
        self._look()
        return {job for (job, _), writer in self._writers.items() if self._lives(writer)}

    def still_s(self) -> float:
        """Return for how long nothing has started or ended."""
        self._look()
        return time.monotonic() - self._last_s

    def _look(self) -> None:
        for path, events in self._reader.new_by_file():
            for event in events:
                if event.job_id not in self._ignored:
                    self._take(event, writer_of(path))

    def _take(self, event: Event, writer: Writer) -> None:
        key = (event.job_id, event.step)
        self._last_s = time.monotonic()
        if event.kind is EventKind.START:
            self._writers[key] = writer
            self._starts += 1
            return
        self._writers.pop(key, None)
        self._ended.add(key)
        if event.kind is EventKind.END:
            self._done.add(key)


def drain(
    progress: Progress,
    expected_steps: int,
    horizon_s: float,
    watch: Callable[[], None],
    quiet_s: float = QUIET_S,
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
    time.sleep(quiet_s)
    return True


def settle(
    progress: Progress,
    undone: Callable[[], int],
    holds: Callable[[], bool],
    horizon_s: Callable[[], float],
    watch: Callable[[], None],
) -> bool:
    """Return True once all is done or nobody has what is not; False at the horizon.

    In either case the queue holds nothing, for what it holds may be done, or done again; and
    nothing runs. What is not done and is not held is nobody's if nothing starts or ends any more.
    The horizon is reached when nothing has started or ended for so long.
    """

    def settled() -> bool:
        at_rest = undone() == 0 and not progress.running_jobs()
        return (at_rest or progress.still_s() > STILL_S) and not holds()

    start_s = time.monotonic()
    while not settled():
        watch()
        waited_s = time.monotonic() - start_s
        if min(waited_s, progress.still_s()) > horizon_s() or waited_s > ENDLESS_S:
            return False
        time.sleep(LOOK_S)
    time.sleep(QUIET_S)
    return True
