"""Several trials at once: for episodes, whose outcomes do not depend on speed."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from after202.hosts.guard import end_all
from after202.hosts.processes import MARK
from after202.records.experiment import Trial
from after202.records.trial import TrialRecord

One = Callable[[Trial], TrialRecord]


def carry_out(
    trials: Sequence[Trial],
    at_once: int,
    one: One,
    stored: Callable[[TrialRecord], None],
    stopping: Event,
) -> None:
    """Carry the trials out, so many at once; `stored` is told of each by the calling thread.

    If this thread is interrupted, or a trial raises, nothing that runs is waited for: its
    processes are ended, what supervises them is told by `stopping`, and it is not stored.
    """

    def unless_stopped(trial: Trial) -> TrialRecord:
        if stopping.is_set():
            raise InterruptedError
        return one(trial)

    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(unless_stopped, trial) for trial in trials]
        try:
            for future in as_completed(futures):
                stored(future.result())
        except BaseException:
            stopping.set()
            end_all(os.environ[MARK])
            raise
