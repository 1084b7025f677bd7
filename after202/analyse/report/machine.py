"""How steady the machine was: sending a request is the same work in each of an arm's trials."""

from collections.abc import Iterator
from statistics import median

import numpy as np

from after202.analyse.run import Run

QUANTILES = (0.05, 0.95)


def speed(run: Run) -> str:
    """Say how much the CPU time of sending a request differed from its arm's median."""
    relative = list(_relative_costs(run))
    if not relative:
        return "not known, for no arm has two trials"
    low, high = np.quantile(relative, QUANTILES)
    return (
        f"to send a request took the generator {low:.2f} to {high:.2f} times as much of its"
        " processor as in the median trial of the same arm (nine of ten trials)"
    )


def _relative_costs(run: Run) -> Iterator[float]:
    for arm in run.arms():
        loads = [t.record.load for t in run.trials if t.record.trial.arm == arm]
        costs = [load.request_cpu_s for load in loads if load and load.request_cpu_s]
        if len(costs) > 1:
            yield from (cost / median(costs) for cost in costs)
