"""A block's trials that are up together, of which one at a time does something.

Trials that follow each other differ by what the machine does meanwhile. Where they take turns of a
second or less, that is the same for all.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from threading import Condition, Event

from after202.records.experiment import Trial

POLL_S = 0.1
# Beside the turns of its load, a trial takes one to start and one to stop.
OTHERS = 2


class Rotation:
    """Whose turn it is: every trial's once, in an order drawn from the block's seed, then again."""

    def __init__(self, block: Sequence[Trial], stopping: Event) -> None:
        """Draw the order; `stopping` says that the run is being stopped."""
        random = Random(block[0].seed)  # noqa: S311 - an order that can be repeated is the point
        names = [trial.id for trial in block]
        rounds = block[0].turns + OTHERS
        self._queue = deque(
            name for _ in range(rounds) for name in random.sample(names, len(names))
        )
        self._stopping = stopping
        self._changed = Condition()

    @contextmanager
    def turn(self, trial: Trial) -> Iterator[None]:
        """Wait for the trial's next turn, and keep it; InterruptedError if the run is stopped."""
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
        """Give up what turns the trial has left: it is over."""
        with self._changed:
            self._queue = deque(name for name in self._queue if name != trial.id)
            self._changed.notify_all()
