"""The verdict on a ratio: faster, slower, no measurable difference, or inconclusive."""

import math
from enum import StrEnum

from after202.analyse.statistics.hodges_lehmann import LEAST_FOR_95, Estimate

SIGNIFICANT = 0.05
# Regions of practical equivalence: a smaller difference has no practical importance.
EQUIVALENCE = {0.5: 0.05, 0.9: 0.10, 0.99: 0.25}


class Difference(StrEnum):
    """The possible verdicts on a comparison."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no measurable difference"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few blocks"


def region(quantile: float) -> float:
    """Return the largest log-ratio that counts as practically equal at a quantile."""
    return math.log1p(EQUIVALENCE[quantile])


def decide(log_ratio: float, interval_90: Estimate, p_holm: float, quantile: float) -> Difference:
    """Decide from a paired log-ratio (arm over baseline), its 90 % interval and Holm's p.

    FASTER and SLOWER need both significance and an estimate outside the region of practical
    equivalence. SAME needs the 90 % interval inside it (two one-sided tests, Schuirmann 1987).
    """
    low, high = interval_90.low, interval_90.high
    if interval_90.trials < LEAST_FOR_95 or low is None or high is None:
        return Difference.TOO_FEW
    if p_holm < SIGNIFICANT and abs(log_ratio) > region(quantile):
        return Difference.FASTER if log_ratio < 0 else Difference.SLOWER
    if -region(quantile) < low and high < region(quantile):
        return Difference.SAME
    return Difference.INCONCLUSIVE
