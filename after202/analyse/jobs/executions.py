"""How often each job's steps were executed, and when: counted from events, some at a time.

Memory holds numbers per job, not the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from after202.kernel.ledger import EventKind

NONE = -1
BYTES = 256  # a kind, and a step, is a byte
FUTURE_NS = np.iinfo("int64").max
Counts = np.ndarray[tuple[int], np.dtype[np.int32]]
Times = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Executions:
    """What was executed, a row per job, and how many events there are `[kind, step]`.

    A row has `starts`, `ends` and `fails` of all steps; `first_start_ns` and `last_end_ns`
    (-1 if none); of how many steps an end, and more ends and fails than starts, are recorded; and
    the ends and starts of the step that has most.
    """

    jobs: pd.DataFrame
    events: "np.ndarray[tuple[int, int], np.dtype[np.int64]]"

    def unlike(self, steps: int) -> int:
        """Count the events of a kind, or of a step, that does not exist."""
        return int(self.events.sum() - self.events[list(EventKind), :steps].sum())


def executions(events: Iterable[pd.DataFrame], jobs: int) -> Executions:
    """Count events (`job`, `kind`, `step`, `at_ns`) of these jobs, and of others that come up."""
    tally = _Tally(jobs)
    for some in events:
        tally.add(some)
    return Executions(pd.DataFrame(tally.columns(), copy=False), tally.events)


class _Tally:
    def __init__(self, jobs: int) -> None:
        self.events = np.zeros((BYTES, BYTES), np.int64)
        self._jobs = jobs
        self._first_start_ns: Times = np.full(jobs, FUTURE_NS)
        self._last_end_ns: Times = np.full(jobs, NONE, np.int64)
        self._counts: dict[tuple[int, int], Counts] = {}

    def add(self, events: pd.DataFrame) -> None:
        """Count some events."""
        names = ("job", "kind", "step", "at_ns")
        job, kind, step, at_ns = (events[name].to_numpy(np.int64) for name in names)
        self._grow(int(job.max(initial=NONE)) + 1)
        numbers = np.bincount(kind * BYTES + step, minlength=BYTES**2)
        self.events += numbers.reshape(BYTES, BYTES)
        for which in np.flatnonzero(numbers).tolist():
            chosen = (kind == which // BYTES) & (step == which % BYTES)
            self._count(*divmod(which, BYTES), job[chosen], at_ns[chosen])

    def _count(self, kind: int, step: int, job: Times, at_ns: Times) -> None:
        if kind not in set(EventKind):
            return
        counts = self._counts.setdefault((kind, step), np.zeros(self._jobs, np.int32))
        np.add.at(counts, job, 1)
        if kind == EventKind.START:
            np.minimum.at(self._first_start_ns, job, at_ns)
        if kind == EventKind.END:
            np.maximum.at(self._last_end_ns, job, at_ns)

    def _grow(self, jobs: int) -> None:
        """Make room for jobs that nobody asked for."""
        more = jobs - self._jobs
        if more <= 0:
            return
        self._jobs = jobs
        self._first_start_ns = np.pad(self._first_start_ns, (0, more), constant_values=FUTURE_NS)
        self._last_end_ns = np.pad(self._last_end_ns, (0, more), constant_values=NONE)
        self._counts = {key: np.pad(counts, (0, more)) for key, counts in self._counts.items()}

    def columns(self) -> dict[str, np.ndarray]:
        """Return the numbers of each job."""
        total = {kind: np.zeros(self._jobs, np.int32) for kind in EventKind}
        most = {kind: np.zeros(self._jobs, np.int32) for kind in EventKind}
        steps_ended, steps_overdone = (np.zeros(self._jobs, np.int16) for _ in range(2))
        for step in {step for _, step in self._counts}:
            of = {kind: self._counts.pop((kind, step), _NEVER) for kind in EventKind}
            for kind, counts in of.items():
                total[kind] += counts
                np.maximum(most[kind], counts, out=most[kind])
            steps_ended += of[EventKind.END] > 0
            steps_overdone += of[EventKind.END] + of[EventKind.FAIL] > of[EventKind.START]
        self._first_start_ns[total[EventKind.START] == 0] = NONE
        return {
            "first_start_ns": self._first_start_ns,
            "last_end_ns": self._last_end_ns,
            "starts": total[EventKind.START],
            "ends": total[EventKind.END],
            "fails": total[EventKind.FAIL],
            "steps_ended": steps_ended,
            "steps_overdone": steps_overdone,
            "most_ends": most[EventKind.END],
            "most_starts": most[EventKind.START],
        }


_NEVER = np.int32(0)
