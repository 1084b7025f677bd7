"""How far one sample lies from another: Hodges and Lehmann's shift, Mann and Whitney's test.

No library that we use has the interval, so both come from the exact distribution of the statistic.
"""

import math
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

import numpy as np

from after202.analyse.statistics.hodges_lehmann import Estimate

Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def estimate(mine: Sequence[float], other: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Return by how much `mine` is above `other`, with its distribution-free interval.

    The estimate is the median of all differences between the samples (Hodges and Lehmann 1963). The
    interval runs from the k-th smallest of them to the k-th largest, k from the exact distribution
    of Mann and Whitney's statistic (Moses 1953; Hollander, Wolfe and Chicken 2014, section 4.3).
    `trials` is the size of the smaller sample. ValueError if a sample is empty.
    """
    between = differences(mine, other)
    alpha = round(1 - confidence, 10)
    cumulative = _cumulative(len(mine), len(other))
    rank = int(np.searchsorted(cumulative, alpha / 2, side="right"))
    low, high = (float(between[rank - 1]), float(between[-rank])) if rank else (None, None)
    return Estimate(float(np.median(between)), low, high, min(len(mine), len(other)))


def differences(mine: Sequence[float], other: Sequence[float]) -> Values:
    """Return each of `mine` less each of `other`, in ascending order."""
    if not len(mine) or not len(other):
        raise ValueError("an estimate needs at least one value in each sample")
    return np.sort(np.subtract.outer(np.asarray(mine, float), np.asarray(other, float)), axis=None)


def p_value(mine: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided p of no shift: the least level whose interval leaves 0 out.

    Without ties this is Mann and Whitney's exact test (1947). Differences of 0 count against both
    sides.
    """
    between = differences(mine, other)
    fewest = min((between <= 0).sum(), (between >= 0).sum())
    return min(1.0, 2 * float(_cumulative(len(mine), len(other))[fewest]))


def least_p(n: int, m: int) -> float:
    """Return the smallest two-sided p that samples of these sizes can have."""
    return min(1.0, 2 * float(_cumulative(n, m)[0]))


def attained_level(n: int, m: int, alpha: float) -> float:
    """Return the largest level up to alpha that the test can attain; 0 if there is none."""
    cumulative = 2 * _cumulative(n, m)
    rank = int(np.searchsorted(cumulative, alpha, side="right"))
    return float(cumulative[rank - 1]) if rank else 0.0


@cache
def _cumulative(n: int, m: int) -> Values:
    """Return P(U <= u) of Mann and Whitney's statistic, for u = 0, 1, 2, ..., n * m.

    The numbers of ways are the coefficients of a Gaussian binomial: the product of 1 - x ** (m + i)
    over that of 1 - x ** i, for i from 1 to n.
    """
    ways = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for at in reversed(range(m + i, len(ways))):
            ways[at] -= ways[at - m - i]
        for at in range(i, len(ways)):
            ways[at] += ways[at - i]
    total = math.comb(n + m, n)
    return np.array([number / total for number in accumulate(ways)])
