"""The times of an arm in two runs: two independent samples of trials, each beside its control."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from after202.analyse.findings.comparisons import METRICS, mail_delay_ms
from after202.analyse.findings.finding import EXPLORATORY
from after202.analyse.run import Run
from after202.analyse.statistics import two_samples
from after202.analyse.statistics.difference import (
    NEVER,
    Shift,
    between_logs,
    between_ms,
    true_value,
)
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.analyse.trials.comparison import LEAST_REQUESTS, ComparisonSummary
from after202.records.experiment import Arm

QUANTILES = tuple(quantile for quantile in LEAST_REQUESTS if quantile != EXPLORATORY)
GENERATOR = "the machine"
Key = tuple[str, float]
Times = tuple[float, ...]


@dataclass(frozen=True)
class Samples:
    """An arm's quantile (ms) in the valid trials of two runs, and the same beside its control.

    The control lived through the same hour as the arm: it is the baseline of the same block, and
    for the baseline the generator's CPU time per request, which is the same work in every run.
    `before_beside` and `after_beside` are logarithms of the time over the control's.
    """

    arm: Arm
    metric: str
    quantile: float
    control: str
    before_ms: Times
    after_ms: Times
    before_beside: Times
    after_beside: Times
    mail_delay_ms: float = 0.0

    @property
    def shift_ms(self) -> Shift:
        """How many ms later it is in the second run."""
        return between_ms(self.after_ms, self.before_ms, self.quantile)

    @property
    def log_ratio(self) -> Shift | None:
        """The same as a log-ratio; None if the mail server's sleep dilutes it."""
        if self.mail_delay_ms and min(*self.before_ms, *self.after_ms) >= self.mail_delay_ms:
            return None
        after, before = (tuple(map(math.log, ms)) for ms in (self.after_ms, self.before_ms))
        return between_logs(after, before, self.quantile)

    @property
    def beside(self) -> Shift | None:
        """How much more it changed than its control did, as a log-ratio; None if unknown."""
        if not self.before_beside or not self.after_beside:
            return None
        return between_logs(self.after_beside, self.before_beside, self.quantile)

    @property
    def p_value(self) -> float:
        """The two-sided p of no shift beside the control, before correction; 1 without one."""
        if not self.before_beside or not self.after_beside:
            return 1.0
        return two_samples.p_value(self.after_beside, self.before_beside)

    @property
    def least_p(self) -> float:
        """The smallest p that so many trials can have."""
        return two_samples.least_p(len(self.before_beside), len(self.after_beside))

    @property
    def estimates_ms(self) -> tuple[float, float]:
        """The estimate of either run."""
        before, after = estimate(finite(self.before_ms)), estimate(finite(self.after_ms))
        return true_value(before.value), true_value(after.value)

    @property
    def sizes(self) -> tuple[int, int]:
        """How many trials either run has."""
        return len(self.before_ms), len(self.after_ms)


def samples(before: Run, after: Run) -> list[Samples]:
    """Return what can be compared: every arm of both runs except copies of the baseline."""
    theirs = set(after.arms())
    shared = [arm for arm in before.arms() if arm in theirs and not arm.is_copy]
    keys = [(metric, quantile) for metric in METRICS for quantile in QUANTILES]
    found = (_samples(before, after, arm, key) for arm in shared for key in keys)
    return [one for one in found if one.before_ms and one.after_ms]


def _samples(before: Run, after: Run, arm: Arm, key: Key) -> Samples:
    own = before.baseline(arm.condition)
    control = own.label if own != arm and before.of(own) and after.of(own) else GENERATOR
    metric, quantile = key
    return Samples(
        arm, metric, quantile, control,
        _times_ms(before, arm, key), _times_ms(after, arm, key),
        tuple(_beside(before, arm, key, control)), tuple(_beside(after, arm, key, control)),
        mail_delay_ms(before, arm),
    )  # fmt: skip


def _times_ms(run: Run, arm: Arm, key: Key) -> Times:
    return tuple(t.quantiles_ms[key] for t in run.of(arm) if key in t.quantiles_ms)


def _beside(run: Run, arm: Arm, key: Key, control: str) -> Iterator[float]:
    """Yield the logarithm of each trial's time over its control's."""
    base = {t.record.trial.block: t for t in run.of(run.baseline(arm.condition))}
    for trial in run.of(arm):
        other = base.get(trial.record.trial.block)
        theirs = _request_cpu_s(trial) if control is GENERATOR else _time_ms(other, key)
        mine = trial.quantiles_ms.get(key)
        if mine and theirs and min(mine, theirs) < math.inf:
            yield math.log(mine) - math.log(theirs)


def _time_ms(trial: ComparisonSummary | None, key: Key) -> float | None:
    return trial.quantiles_ms.get(key) if trial else None


def _request_cpu_s(trial: ComparisonSummary) -> float | None:
    return trial.record.load.request_cpu_s if trial.record.load else None


def finite(times_ms: Times) -> list[float]:
    """Return the times, with the largest number for what is infinite."""
    return [min(time_ms, NEVER) for time_ms in times_ms]
