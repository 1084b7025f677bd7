"""The verdict on a difference: faster, slower, no measurable difference, or inconclusive."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from after202.analyse.statistics import two_samples
from after202.analyse.statistics.hodges_lehmann import Estimate, estimate
from after202.records.design import SIGNIFICANT

# Regions of practical equivalence: a difference inside either has no practical importance. The one
# in ms is about as wide as the generator is late when nothing is wrong.
EQUIVALENCE = {0.5: 0.05, 0.9: 0.10, 0.99: 0.25}
EQUIVALENCE_MS = {0.5: 0.1, 0.9: 0.2, 0.99: 0.5}
# Stands for an infinite difference or log-ratio. Estimates go by ranks, and half of it is far above
# anything that was measured, in ms and as a logarithm.
NEVER = 1e21
ABOVE_ALL = NEVER / 1e9


class Difference(StrEnum):
    """The possible verdicts on a comparison."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no measurable difference"
    INCONCLUSIVE = "inconclusive"
    TOO_FEW = "too few blocks"


@dataclass(frozen=True)
class Shift:
    """How far an arm's times are from the baseline's on one scale: in ms, or as a log-ratio.

    `values` are the differences that it is estimated from: one per block, or one per pair of trials
    of two samples. `found` has the 95 % interval, `narrow` the 90 % one, which must lie in the
    region of practical equivalence to show that the arms are equal.
    """

    values: tuple[float, ...]
    found: Estimate
    narrow: Estimate
    region: float

    @property
    def is_relevant(self) -> bool:
        """Whether the estimate is outside the region."""
        return abs(self.found.value) > self.region

    @property
    def is_equivalent(self) -> bool:
        """Whether the 90 % interval is inside it (two one-sided tests, Schuirmann 1987)."""
        low, high = self.narrow.low, self.narrow.high
        return low is not None and high is not None and -self.region < low <= high < self.region


def in_ms(pairs_ms: Sequence[tuple[float, float]], quantile: float) -> Shift:
    """Return the shift in ms of pairs (arm, baseline), of which one time may be infinite."""
    differences = tuple(_finite(mine - other) for mine, other in pairs_ms)
    return _shift(differences, EQUIVALENCE_MS[quantile])


def in_ratio(pairs_ms: Sequence[tuple[float, float]], quantile: float) -> Shift:
    """Return the shift of pairs (arm, baseline) as a log-ratio."""
    return _shift(tuple(_log_ratio(*pair) for pair in pairs_ms), region(quantile))


def between_ms(mine_ms: Sequence[float], other_ms: Sequence[float], quantile: float) -> Shift:
    """Return the shift in ms between two independent samples, of which times may be infinite."""
    return _between(_finites(mine_ms), _finites(other_ms), EQUIVALENCE_MS[quantile])


def between_logs(mine: Sequence[float], other: Sequence[float], quantile: float) -> Shift:
    """Return the shift between two independent samples of logarithms, also infinite ones."""
    return _between(_finites(mine), _finites(other), region(quantile))


def _between(mine: Sequence[float], other: Sequence[float], within: float) -> Shift:
    return Shift(
        tuple(two_samples.differences(mine, other).tolist()),
        two_samples.estimate(mine, other),
        two_samples.estimate(mine, other, confidence=0.90),
        within,
    )


def _finites(values: Sequence[float]) -> list[float]:
    return [_finite(value) for value in values]


def _shift(values: tuple[float, ...], within: float) -> Shift:
    return Shift(values, estimate(values), estimate(values, confidence=0.90), within)


def _log_ratio(mine: float, other: float) -> float:
    if math.inf in (mine, other):
        return _finite(mine - other)
    return math.log(mine / other)


def _finite(value: float) -> float:
    return math.copysign(NEVER, value) if math.isinf(value) else value


def true_value(value: float) -> float:
    """Return an estimate on either scale: infinite if it stands for something infinite."""
    return math.copysign(math.inf, value) if abs(value) > ABOVE_ALL else value


def region(quantile: float) -> float:
    """Return the largest log-ratio that counts as practically equal at a quantile."""
    return math.log1p(EQUIVALENCE[quantile])


def decide(shifts: Sequence[Shift], p_holm: float) -> Difference:
    """Decide from the shift on each scale, and Holm's p of the difference in ms.

    FASTER and SLOWER need significance and an estimate outside the region of every scale. SAME
    needs the 90 % interval inside the region of one.
    """
    first = shifts[0]
    if first.found.low is None:
        return Difference.TOO_FEW
    if p_holm < SIGNIFICANT and all(shift.is_relevant for shift in shifts):
        return Difference.FASTER if first.found.value < 0 else Difference.SLOWER
    if any(shift.is_equivalent for shift in shifts):
        return Difference.SAME
    return Difference.INCONCLUSIVE
