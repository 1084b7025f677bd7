"""The smallest difference that a number of blocks can detect, and the blocks that one needs.

The signed-rank test has the power of a paired t-test on 3/pi times the blocks (Hodges and
Lehmann 1956). With too few blocks it never rejects, because even its smallest p-value is too large.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from after202.analyse.statistics import two_samples
from after202.analyse.statistics.hodges_lehmann import attained_level
from after202.records.design import SIGNIFICANT, least_blocks

EFFICIENCY = 3 / math.pi
POWER = 0.8
# With more, counts of signed ranks are beyond the largest float.
MOST_BLOCKS = 1000
NORMAL_MAD = 1.4826
LEAST_FOR_SCATTER = 3


def scatter(log_ratios: Sequence[float]) -> float | None:
    """Return a robust standard deviation: the median absolute deviation, scaled to a normal's.

    If more than half of the values are equal that is 0, and the plain standard deviation is
    returned instead. None for fewer than three values.
    """
    if len(log_ratios) < LEAST_FOR_SCATTER:
        return None
    values = np.asarray(log_ratios, float)
    robust = NORMAL_MAD * float(np.median(np.abs(values - np.median(values))))
    return robust or float(values.std(ddof=1))


def detectable(spread: float, blocks: int, tests: int) -> float:
    """Return the smallest true log-ratio that is detected with a power of 80 %.

    It uses the strictest of Holm's levels, and is infinite if that few blocks can never reject.
    """
    level = attained_level(blocks, SIGNIFICANT / tests)
    return _detectable(level, blocks - 1, spread / math.sqrt(blocks))


def detectable_between(spread: float, n: int, m: int, tests: int) -> float:
    """Return the same for two samples of these sizes, from the scatter of their differences."""
    level = two_samples.attained_level(n, m, SIGNIFICANT / tests)
    error = spread / math.sqrt(2) * math.sqrt(1 / n + 1 / m)
    return _detectable(level, n + m - 2, error)


def _detectable(level: float, freedom: int, error: float) -> float:
    if not level:
        return math.inf
    critical = stats.t.ppf(1 - level / 2, freedom) + stats.t.ppf(POWER, freedom)
    return float(critical * error / math.sqrt(EFFICIENCY))


def blocks_to_settle(log_ratio: float, region: float, spread: float, tests: int) -> int | None:
    """Return how many blocks a verdict needs in all, if the estimate is about right.

    Outside the region of practical equivalence, enough to detect the difference. Inside, enough
    for the 90 % interval to fit into the region on both sides. None if more than 1,000.
    """
    if abs(log_ratio) > region:
        return _until_detectable(abs(log_ratio), spread, tests)
    return _until_equivalent(region - abs(log_ratio), spread)


def _until_detectable(log_ratio: float, spread: float, tests: int) -> int | None:
    """Return how many blocks detect a difference: the fewest, or up to 5 % more."""
    blocks = least_blocks(tests)
    while detectable(spread, blocks, tests) > log_ratio:
        blocks += 1 + blocks // 20
        if blocks > MOST_BLOCKS:
            return None
    return blocks


def _until_equivalent(margin: float, spread: float) -> int | None:
    """Return how many blocks make the 90 % interval as narrow as the margin."""
    if not margin:
        return None
    normal = stats.norm.ppf(1 - SIGNIFICANT) + stats.norm.ppf((1 + POWER) / 2)
    blocks = math.ceil((normal * spread / margin) ** 2 / EFFICIENCY)
    return max(blocks, least_blocks(1)) if blocks <= MOST_BLOCKS else None
