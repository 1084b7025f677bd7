"""Measures where a trial's time goes, in seconds by name."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up elapsed times by name."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the elapsed time of the block to `seconds[name]`; nothing if it raises."""
        start_s = time.monotonic()
        yield
        self.seconds[name] += time.monotonic() - start_s
