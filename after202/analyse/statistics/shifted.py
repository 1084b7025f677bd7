"""How far one side's times are from the other's, on both scales: ms first, then the ratio."""

import math
from dataclasses import dataclass

from after202.analyse.statistics.difference import Shift, true_value
from after202.analyse.statistics.hodges_lehmann import Estimate

Interval = tuple[float, float]


@dataclass(frozen=True)
class Shifted:
    """A difference in ms, and the log-ratio unless a constant dilutes it."""

    shift_ms: Shift
    log_ratio: Shift | None

    @property
    def difference_ms(self) -> float:
        """The one side's time less the other's."""
        return true_value(self.shift_ms.found.value)

    @property
    def interval_ms(self) -> Interval | None:
        """The difference's 95 % interval; None with too few values for one."""
        return _interval(self.shift_ms.found)

    @property
    def ratio(self) -> float | None:
        """The one side's time divided by the other's; None if a constant dilutes it."""
        return None if self.log_ratio is None else ratio_of(self.log_ratio.found.value)

    @property
    def interval(self) -> Interval | None:
        """The ratio's 95 % interval; None with too few values for one, or without a ratio."""
        logs = None if self.log_ratio is None else _interval(self.log_ratio.found)
        return None if logs is None else (ratio_of(logs[0]), ratio_of(logs[1]))


def ratio_of(log_ratio: float) -> float:
    """Return the ratio with this logarithm: infinite or 0 if one of the times was infinite."""
    log = true_value(log_ratio)
    return math.exp(log) if log < math.inf else math.inf


def _interval(found: Estimate) -> Interval | None:
    if found.low is None or found.high is None:
        return None
    return true_value(found.low), true_value(found.high)
