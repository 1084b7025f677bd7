"""Follows the steps in the ledger, and waits for the drain: until work ends, or until a horizon."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

from after202.kernel.ledger import Event, EventKind, LedgerReader, Writer, writer_of

POLL_S = 0.05
# Looking into a queue costs its broker time, so look less often.
LOOK_S = 0.25
# Work that is done twice may end twice, so keep watching for a moment after all has ended.
QUIET_S = 0.25
# If nothing starts or ends for this long and no queue holds anything, nothing more will happen.
STILL_S = 3.0
# Work that goes on for this long is being repeated without end.
ENDLESS_S = 300.0

JobStep = tuple[UUID, int]


class Progress:
    """Which steps have started and ended so far, read from the growing ledger."""

    def __init__(
        self, ledger: Path, ignored: Collection[UUID], lives: Callable[[Writer], bool]
    ) -> None:
        """Follow a ledger folder; the ignored jobs do not belong to the load.

        `lives` returns whether a process that wrote events is still alive.
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
        """Return how many steps have ended so far, done or failed; each counts once."""
        self._look()
        return len(self._ended)

    def started_steps(self) -> int:
        """Return how many starts of steps there were so far."""
        self._look()
        return self._starts

    def undone(self, jobs: Collection[UUID], steps: int) -> int:
        """Return how many steps of these jobs are not done yet."""
        self._look()
        return sum((job, step) not in self._done for job in jobs for step in range(steps))

    def running(self) -> list[Writer]:
        """Return the process of each step that has started and not ended since."""
        self._look()
        return list(self._writers.values())

    def running_jobs(self) -> set[UUID]:
        """Return the jobs with a step that has started and not ended, in a process that lives."""
        self._look()
        return {job for (job, _), writer in self._writers.items() if self._lives(writer)}

    def cut_short(self) -> list[tuple[UUID, Writer]]:
        """Return each job with a step that started in a process which died before its end."""
        self._look()
        running = ((job, writer) for (job, _), writer in self._writers.items())
        return [(job, writer) for job, writer in running if not self._lives(writer)]

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
    """Return True `quiet_s` after the expected steps have ended; False at the horizon.

    `watch` is called on every poll and may raise, for example because a process has died.
    """
    deadline_s = time.monotonic() + horizon_s
    while progress.ended_steps() < expected_steps:
        watch()
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    time.sleep(quiet_s)
    return True


def settle(  # noqa: PLR0913 - what is watched, and for how long
    progress: Progress,
    undone: Callable[[], int],
    holds: Callable[[], bool],
    horizon_s: Callable[[], float],
    watch: Callable[[], None],
    *,
    longest_s: float = ENDLESS_S,
) -> bool:
    """Return True once nothing more can happen to the jobs; False at the horizon.

    Nothing more can happen if the queue holds nothing (what it holds may be done, or done again)
    and either every step is done and none is running, or nothing has started or ended for
    `STILL_S`. The horizon is reached when nothing has started or ended for `horizon_s()`, or after
    `longest_s` in all.
    """

    def settled() -> bool:
        at_rest = undone() == 0 and not progress.running_jobs()
        return (at_rest or progress.still_s() > STILL_S) and not holds()

    start_s = time.monotonic()
    while not settled():
        watch()
        waited_s = time.monotonic() - start_s
        if min(waited_s, progress.still_s()) > horizon_s() or waited_s > longest_s:
            return False
        time.sleep(LOOK_S)
    time.sleep(QUIET_S)
    return True
