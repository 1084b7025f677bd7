"""Turns: the trials of a block are up together, and only one at a time is active.

Trials that follow each other differ by what else the machine does meanwhile. With turns of a
second or less, that is the same for all of them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from threading import Condition, Event

from after202.plan.order import balanced
from after202.records.trial import Trial

POLL_S = 0.1
# Besides the turns of its load, a trial takes one turn to start and one to stop.
OTHERS = 2


class Rotation:
    """Hands out turns in rounds, one per trial; their order is balanced over the rounds of load."""

    def __init__(self, block: Sequence[Trial], stopping: Event) -> None:
        """Draw the order by the block's seed; `stopping` is set when the run is being stopped."""
        random = Random(block[0].seed)  # noqa: S311 - the order must be repeatable
        starting, stopped = (balanced(len(block), 1, random) for _ in range(OTHERS))
        orders = [*starting, *balanced(len(block), block[0].goes, random), *stopped]
        self._queue = deque(block[number].id for order in orders for number in order)
        self._stopping = stopping
        self._changed = Condition()

    @contextmanager
    def turn(self, trial: Trial) -> Iterator[None]:
        """Wait for the trial's turn, and keep it for the block; InterruptedError if stopped."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._queue[0] == trial.id, POLL_S):
                if self._stopping.is_set():
                    raise InterruptedError
        try:
            yield
        finally:
            with self._changed:
                self._queue.popleft()
                self._changed.notify_all()

    def leave(self, trial: Trial) -> None:
        """Give up the trial's remaining turns, because it is over."""
        with self._changed:
            self._queue = deque(name for name in self._queue if name != trial.id)
            self._changed.notify_all()
