"""Carries out several trials at the same time, each in its own thread."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event

from after202.hosts.guard import end_all
from after202.hosts.processes import MARK
from after202.records.trial import Trial
from after202.records.trial_record import TrialRecord

One = Callable[[Trial], TrialRecord]


def carry_out(
    trials: Sequence[Trial],
    at_once: int,
    one: One,
    stored: Callable[[TrialRecord], None],
    stopping: Event,
) -> None:
    """Carry out the trials, `at_once` of them at a time; call `stored` with each in this thread.

    If this thread is interrupted, or a trial raises, the trials that still run are not finished or
    stored: `stopping` tells their supervisors, and their processes are ended.
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
