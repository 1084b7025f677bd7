"""When requests fall due: an arrival process, drawn from a seed, in one stage or several."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from random import Random

from after202.records.experiment import Arrivals
from after202.records.planned import Stage


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


def staged_s(arrivals: Arrivals, stages: Sequence[Stage], seed: str) -> Iterator[tuple[float, str]]:
    """Yield each due time of the stages, which follow each other, with its workload.

    A stage is drawn from the seed, its workload, its rate, and how many like it came before: trials
    with one seed offer it at the same times, whatever other stages they have.
    """
    start_s = 0.0
    before: Counter[str] = Counter()
    for stage in stages:
        own = f"{seed} {stage.workload} {stage.rate_per_s!r}"
        drawn = due_times_s(arrivals, stage.rate_per_s, f"{own} {before[own]}")
        before[own] += 1
        for due_s in takewhile(stage.for_s.__gt__, drawn):
            yield start_s + due_s, stage.workload
        start_s += stage.for_s
