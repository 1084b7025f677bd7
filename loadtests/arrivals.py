"""When requests fall due: an arrival process, drawn from a seed, in one phase or several."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from random import Random

from after202.records.experiment import Arrivals
from after202.records.trial import Phase


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


def phased_s(arrivals: Arrivals, phases: Sequence[Phase], seed: str) -> Iterator[tuple[float, str]]:
    """Yield each due time of the phases, which follow each other, with its workload.

    The first phase is drawn from the seed itself, and phase n after it from "<seed> n".
    """
    start_s = 0.0
    for number, phase in enumerate(phases):
        drawn = due_times_s(arrivals, phase.rate_per_s, f"{seed} {number}" if number else seed)
        for due_s in takewhile(phase.for_s.__gt__, drawn):
            yield start_s + due_s, phase.workload
        start_s += phase.for_s
