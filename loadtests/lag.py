"""How late this process notices what happened: an answer waits as long for its greenlet."""

import time

import gevent
import numpy as np

from loadtests.clock import Clock, clock

# Often enough for a p99 over a few seconds, and too seldom to keep the processor from its sleep.
EVERY_NS = 20_000_000


class Lag:
    """Samples, from `start` to `stop`, by how much a timer that fires is noticed late."""

    def __init__(self) -> None:
        """Begin without a sample."""
        self._late_ns: list[int] = []
        self._clock: Clock = clock()
        self._sampling: gevent.Greenlet | None = None

    def start(self) -> None:
        """Begin to sample."""
        self._sampling = gevent.spawn(self._sample)

    def stop(self) -> None:
        """Sample no more."""
        if self._sampling is not None:
            self._sampling.kill()

    def quantiles_ms(self) -> dict[str, float]:
        """Return the p50 and the p99 so far, in ms; empty without a sample."""
        if not self._late_ns:
            return {}
        p50_ns, p99_ns = np.percentile(self._late_ns, [50, 99])
        return {"p50": p50_ns / 1e6, "p99": p99_ns / 1e6}

    def _sample(self) -> None:
        due_ns = time.monotonic_ns()
        while True:
            due_ns += EVERY_NS
            self._clock.wake_at(due_ns)
            self._late_ns.append(time.monotonic_ns() - due_ns)
