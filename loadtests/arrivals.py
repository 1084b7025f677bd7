"""When requests fall due: an arrival process, drawn from a seed."""

from collections.abc import Iterator
from random import Random

from after202.records.experiment import Arrivals


def due_times_s(arrivals: Arrivals, rate_per_s: float, seed: str) -> Iterator[float]:
    """Yield due times without end, in seconds from the start, in ascending order.

    Poisson: independent exponential gaps of mean 1/rate, so that streams superpose.
    Constant: equal gaps of 1/rate; the phase of the first is drawn from the seed.
    """
    random = Random(seed)  # noqa: S311 - a schedule that can be repeated is the point
    due_s = random.random() / rate_per_s if arrivals is Arrivals.CONSTANT else 0.0
    while True:
        if arrivals is Arrivals.POISSON:
            due_s += random.expovariate(rate_per_s)
        yield due_s
        if arrivals is Arrivals.CONSTANT:
            due_s += 1 / rate_per_s
