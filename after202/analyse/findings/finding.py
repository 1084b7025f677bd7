"""What is compared, and what was found."""

from dataclasses import dataclass

from after202.analyse.statistics.difference import Difference
from after202.analyse.statistics.shifted import Interval, Shifted
from after202.records.experiment import Arm

EXPLORATORY = 0.99
# What the live A/A test says: to be unable to tell is not to be the same.
CONTROL = {
    Difference.FASTER: "different",
    Difference.SLOWER: "different",
    Difference.SAME: "same",
    Difference.INCONCLUSIVE: "cannot tell",
}


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
class Finding(Shifted):
    """The result of one comparison: how far the arm's times are from the baseline's.

    `detectable_ms` is the smallest difference that this many blocks detect with a power of 80 %.
    `more_blocks` is how many more blocks would settle the verdict; None if that is too many. Both
    are None if there are too few blocks to know the scatter.
    """

    pairing: Pairing
    p_holm: float
    verdict: Difference
    detectable_ms: float | None
    more_blocks: int | None

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
