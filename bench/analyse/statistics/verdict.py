"""The verdict on a ratio: faster, slower, no measurable difference, or inconclusive."""

import math
from enum import StrEnum

from bench.analyse.statistics.hodges_lehmann import LEAST_FOR_95

SIGNIFICANT = 0.05
# Regions of practical equivalence: a difference below this matters to nobody.
EQUIVALENCE = {0.5: 0.05, 0.9: 0.10, 0.99: 0.25}


class Verdict(StrEnum):
    """What can be said of a comparison."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no measurable difference"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few blocks"


def decide(
    log_ratio: float, interval_90: tuple[float, float], p_holm: float, quantile: float, blocks: int
) -> Verdict:
    """Decide from a paired log-ratio (strategy over baseline), its 90 % interval and Holm's p.

    Different needs both significance and an estimate outside the region of practical
    equivalence; the same needs the 90 % interval inside it (two one-sided tests,
    Schuirmann 1987).
    """
    if blocks < LEAST_FOR_95:
        return Verdict.TOO_FEW
    region = math.log1p(EQUIVALENCE[quantile])
    if p_holm < SIGNIFICANT and abs(log_ratio) > region:
        return Verdict.FASTER if log_ratio < 0 else Verdict.SLOWER
    low, high = interval_90
    if -region < low and high < region:
        return Verdict.SAME
    return Verdict.INCONCLUSIVE
