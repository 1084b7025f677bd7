"""The speed of the processors under test, by how long one piece of work takes them."""

import os
import threading
import time
from collections.abc import Sequence
from statistics import median

ROUNDS = 11
NUMBERS = 25_000
# A run's trials before this many say too little of its usual speed.
LEAST_TRIALS = 5
# Arms are compared within blocks, by ranks, so a trial may be somewhat off. On a shared host, 13 of
# 71 trials of one run were off by more than a tenth, and 2 by more than this.
LIMIT = 0.25


def loop_ms(cpus: Sequence[int]) -> float | None:
    """Return the CPU time of a fixed loop on the first of the processors, in ms; None if none.

    It is the least of some rounds, about 10 ms in all: CPU time does not count what others took,
    and what disturbs a round only adds to it.
    """
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return None
    found: list[float] = []
    # A thread, because the processor of the calling one must stay as it is.
    thread = threading.Thread(target=_loop, args=(cpus[0], found))
    thread.start()
    thread.join()
    return min(found, default=None)


def _loop(cpu: int, found: list[float]) -> None:
    os.sched_setaffinity(0, {cpu})
    for _ in range(ROUNDS):
        start_ns = time.thread_time_ns()
        sum(range(NUMBERS))
        found.append((time.thread_time_ns() - start_ns) / 1e6)


class Usual:
    """The usual speed of the processors in a run: the median of its trials so far."""

    def __init__(self) -> None:
        """Begin without a trial."""
        self._loops_ms: list[float] = []

    def differs(self, loop_ms: float | None) -> list[str]:
        """Add a trial; return that its processors were faster or slower than usual, or nothing."""
        if loop_ms is None:
            return []
        earlier = self._loops_ms
        self._loops_ms = [*earlier, loop_ms]
        if len(earlier) < LEAST_TRIALS:
            return []
        speed = median(earlier) / loop_ms
        if abs(speed - 1) <= LIMIT:
            return []
        usual = f"their usual speed in this run, more than {LIMIT:.0%} off"
        return [f"the processors had {speed:.0%} of {usual}: let nothing change their clock"]
