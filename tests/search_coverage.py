"""How often the interval of a capacity holds the truth.

    python -m tests.search_coverage [SEARCHES]

It runs the real search and the real fit against arms whose response curve is known, on a machine
whose speed may drift. No process is started and no time passes.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from after202.analyse.statistics.response_curve import fit
from after202.plan.probes import MOST_PROBES, search
from after202.records.tries import interval

START_PER_S, TRIES = 12.0, 3
LOWEST, HIGHEST = math.log(15), math.log(400)
PROBES = 20  # of a typical search: that many steps make the drift
SPREADS, DRIFTS = (0.01, 0.02, 0.05, 0.1, 0.15), (0.0, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Machine:
    """An arm's response curve, and the standard deviation of its drift over a typical search."""

    spread: float
    drift: float = 0.0


@dataclass(frozen=True)
class Coverage:
    """What many searches show: shares of those whose interval, or band, held the truth.

    The truth is the geometric mean of the capacity over a search's probes. The band runs from the
    highest rate kept to the lowest missed. `half_width` and `error` (root of the mean square) are
    logarithms, so 0.1 is about 10 %.
    """

    interval: float
    band: float
    half_width: float
    error: float
    probes: float


def simulate(machine: Machine, searches: int, seed: int = 202) -> Coverage:
    """Simulate that many searches."""
    random = np.random.default_rng(seed)
    found = np.array([_one(machine, random) for _ in range(searches)])
    means = found.mean(axis=0)
    return Coverage(means[0], means[1], means[2], math.sqrt(means[3]), means[4])


def _one(machine: Machine, random: np.random.Generator) -> tuple[float, ...]:
    """Return held by the interval, held by the band, half width, squared error, probes."""
    first = random.uniform(LOWEST, HIGHEST)
    capacities, answers = [], []
    for capacity, answer in _answers(machine, first, random):
        capacities.append(capacity)
        answers.append(answer)
    truth = math.exp(np.mean(capacities))
    curve = fit(answers)
    kept, missed = interval(answers, TRIES)
    if curve is None:
        return 0, 0, 0, 0, len(answers)
    return (
        curve.low_per_s <= truth <= curve.high_per_s,
        (kept or 0) <= truth <= (missed or math.inf),
        math.log(curve.high_per_s / curve.low_per_s) / 2,
        math.log(curve.half_per_s / truth) ** 2,
        len(answers),
    )


def _answers(
    machine: Machine, capacity: float, random: np.random.Generator
) -> Iterator[tuple[float, tuple[float, bool]]]:
    """Yield the logarithm of the capacity at each probe, and the probe's rate and answer."""
    steps = search(START_PER_S, TRIES)
    rate_per_s = next(steps)
    for _ in range(MOST_PROBES):
        capacity += random.normal(0, machine.drift / math.sqrt(PROBES))
        kept = math.log(rate_per_s) + random.logistic(0, machine.spread) < capacity
        yield capacity, (rate_per_s, kept)
        try:
            rate_per_s = steps.send(kept)
        except StopIteration:
            return


def main(searches: int) -> None:
    """Print a row per spread and drift."""
    sys.stdout.write("drift  spread  interval holds  band holds  half width  error  probes\n")
    for drift in DRIFTS:
        for spread in SPREADS:
            c = simulate(Machine(spread, drift), searches)
            sys.stdout.write(
                f"{drift:5.0%}  {spread:6.2f}  {c.interval:14.1%}  {c.band:10.1%}"
                f"  {c.half_width:10.1%}  {c.error:5.1%}  {c.probes:6.1f}\n"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
