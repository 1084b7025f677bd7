"""The Hodges-Lehmann estimate of a location and Wilcoxon's interval around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

LEAST_FOR_95 = 6


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval; the interval is None where the sample is too small for it."""

    value: float
    low: float | None
    high: float | None
    trials: int


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Return the pseudo-median of the values and its distribution-free interval.

    The estimate is the median of the Walsh averages (Hodges and Lehmann 1963); the interval
    runs from the k-th smallest of them to the k-th largest, k from the exact distribution of
    the signed-rank statistic (Hollander, Wolfe and Chicken 2014, section 3.3). ValueError
    if there are no values.
    """
    averages = walsh_averages(values)
    rank = critical_rank(len(values), round(1 - confidence, 10))
    low, high = (averages[rank - 1], averages[-rank]) if rank else (None, None)
    return Estimate(float(np.median(averages)), low, high, len(values))


def walsh_averages(values: Sequence[float]) -> list[float]:
    """Return the means of all pairs, including each value with itself, in ascending order."""
    if not len(values):
        raise ValueError("an estimate needs at least one value")
    sample = np.asarray(values, float)
    i, j = np.triu_indices(len(sample))
    return sorted(((sample[i] + sample[j]) / 2).tolist())


@cache
def critical_rank(n: int, alpha: float) -> int:
    """Return the largest k with P(T <= k - 1) <= alpha / 2; 0 if there is none."""
    return int(np.searchsorted(_cumulative(n), alpha / 2, side="right"))


def attained_level(n: int, alpha: float) -> float:
    """Return the largest level up to alpha that n values can attain; the test is discrete."""
    rank = critical_rank(n, alpha)
    return 2 * float(_cumulative(n)[rank - 1]) if rank else 0.0


def _cumulative(n: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return P(T <= t) of the signed-rank statistic, for t = 0, 1, 2, ..."""
    cumulative: np.ndarray[tuple[int], np.dtype[np.float64]] = np.cumsum(_signed_rank_counts(n))
    return cumulative / 2.0**n


def _signed_rank_counts(n: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return how many of the 2**n sign patterns give each sum of positive ranks."""
    counts = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(counts) + rank)
        longer[: len(counts)] += counts
        longer[rank:] += counts
        counts = longer
    return counts


def p_value(values: Sequence[float]) -> float:
    """Return the two-sided p that the location is 0: the least level whose interval excludes 0.

    Without zeros and ties this is Wilcoxon's exact signed-rank test, whose statistic is the number
    of Walsh averages above 0 (Tukey 1949). Averages of 0 count against both sides.
    """
    averages = np.asarray(walsh_averages(values))
    fewest = min((averages <= 0).sum(), (averages >= 0).sum())
    return min(1.0, 2 * float(_cumulative(len(values))[fewest]))
