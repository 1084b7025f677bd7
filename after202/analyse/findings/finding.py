"""What is compared, and what was found."""

import math
from dataclasses import dataclass

from after202.analyse.statistics.difference import Difference, Shift, true_value
from after202.analyse.statistics.hodges_lehmann import Estimate
from after202.records.experiment import Arm

EXPLORATORY = 0.99
# What the live A/A test says: to be unable to tell is not to be the same.
CONTROL = {
    Difference.FASTER: "different",
    Difference.SLOWER: "different",
    Difference.SAME: "same",
    Difference.INCONCLUSIVE: "cannot tell",
}
Interval = tuple[float, float]


@dataclass(frozen=True)
class Pairing:
    """An arm's and the baseline's quantile (ms) in the same blocks, as pairs.

    One of a pair may be infinite, because the work never ended. A block in which both are tells
    nothing, and is left out. `mail_delay_ms` is how long the mail server slept in times of at least
    that length, 0 if it did not.
    """

    arm: Arm
    baseline: Arm
    metric: str
    quantile: float
    pairs_ms: tuple[Interval, ...]
    mail_delay_ms: float = 0.0

    @property
    def blocks(self) -> int:
        """How many blocks hold a valid trial of both."""
        return len(self.pairs_ms)

    @property
    def is_diluted(self) -> bool:
        """Whether the times of either side may hold the mail server's sleep."""
        shortest_ms = (min(times) for times in zip(*self.pairs_ms, strict=True))
        return self.mail_delay_ms > 0 and max(shortest_ms) >= self.mail_delay_ms


@dataclass(frozen=True)
class Finding:
    """The result of one comparison: the difference in ms, and the log-ratio unless diluted.

    `detectable_ms` is the smallest difference that this many blocks detect with a power of 80 %.
    `more_blocks` is how many more blocks would settle the verdict; None if that is too many. Both
    are None if there are too few blocks to know the scatter.
    """

    pairing: Pairing
    shift_ms: Shift
    log_ratio: Shift | None
    p_holm: float
    verdict: Difference
    detectable_ms: float | None
    more_blocks: int | None

    @property
    def difference_ms(self) -> float:
        """The arm's time less the baseline's."""
        return true_value(self.shift_ms.found.value)

    @property
    def interval_ms(self) -> Interval | None:
        """The difference's 95 % interval; None with too few blocks for one."""
        return interval_of(self.shift_ms.found)

    @property
    def ratio(self) -> float | None:
        """The arm's time divided by the baseline's; None if a constant dilutes it."""
        return None if self.log_ratio is None else ratio_of(self.log_ratio.found.value)

    @property
    def interval(self) -> Interval | None:
        """The ratio's 95 % interval; None with too few blocks for one, or without a ratio."""
        return None if self.log_ratio is None else ratios(self.log_ratio.found)

    @property
    def is_control(self) -> bool:
        """Whether both sides are the baseline: a live A/A test."""
        return self.pairing.arm.is_copy

    @property
    def said(self) -> str:
        """The verdict as a word for tables."""
        if self.verdict == Difference.TOO_FEW:
            return self.verdict
        if self.is_control:
            return CONTROL[self.verdict]
        exploratory = " (exploratory)" if self.pairing.quantile == EXPLORATORY else ""
        return f"{self.verdict}{exploratory}"


def interval_of(found: Estimate) -> Interval | None:
    """Return an estimate's interval; None with too few values for one."""
    if found.low is None or found.high is None:
        return None
    return true_value(found.low), true_value(found.high)


def ratios(log_ratio: Estimate) -> Interval | None:
    """Return the interval of a log-ratio as ratios; None with too few values for one."""
    found = interval_of(log_ratio)
    return None if found is None else (ratio_of(found[0]), ratio_of(found[1]))


def ratio_of(log_ratio: float) -> float:
    """Return the ratio with this logarithm: infinite or 0 if one of the times was infinite."""
    log = true_value(log_ratio)
    return math.exp(log) if log < math.inf else math.inf
