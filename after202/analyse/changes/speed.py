"""Whether an arm is faster or slower in a second run: two independent samples of trials."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from after202.analyse.findings.comparisons import METRICS, mail_delay_ms
from after202.analyse.findings.finding import EXPLORATORY
from after202.analyse.run import Run
from after202.analyse.statistics import power, two_samples
from after202.analyse.statistics.difference import (
    NEVER,
    Difference,
    Shift,
    between_logs,
    between_ms,
    decide,
    true_value,
)
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.analyse.statistics.shifted import Shifted, ratio_of
from after202.analyse.trials.comparison import LEAST_REQUESTS, ComparisonSummary
from after202.records.design import SIGNIFICANT
from after202.records.experiment import Arm

QUANTILES = tuple(quantile for quantile in LEAST_REQUESTS if quantile != EXPLORATORY)
GENERATOR = "the machine"
TOO_FEW = "too few trials"
DECIDED = (Difference.FASTER, Difference.SLOWER)
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
        before, after = estimate(_finite(self.before_ms)), estimate(_finite(self.after_ms))
        return true_value(before.value), true_value(after.value)

    @property
    def sizes(self) -> tuple[int, int]:
        """How many trials either run has."""
        return len(self.before_ms), len(self.after_ms)


@dataclass(frozen=True)
class Change(Shifted):
    """The result for one arm, metric and quantile: how far the second run is from the first.

    `p` is that of the times alone, `p_holm` that of the times beside their control. `doubts` are
    reasons why a difference may be the hour's, or the run's, and not the arm's.
    """

    samples: Samples
    p: float
    p_holm: float
    detectable_ratio: float
    doubts: tuple[str, ...] = ()

    @property
    def verdict(self) -> Difference:
        """The verdict on the times alone, by the regions of practical equivalence within a run."""
        scales = [self.shift_ms] if self.log_ratio is None else [self.shift_ms, self.log_ratio]
        return decide(scales, self.p)

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether the second run is faster or slower, and nothing else explains it."""
        return self.verdict in DECIDED and not self.doubts

    @property
    def word(self) -> str:
        """The verdict as a word."""
        return TOO_FEW if self.verdict is Difference.TOO_FEW else str(self.verdict)

    @property
    def said(self) -> str:
        """The verdict in words, with what stands against it."""
        against = self.doubts if self.verdict in DECIDED else ()
        return f"{self.word}, but {'; '.join(against)}" if against else self.word


def judged(found: Samples, p_holm: float, tests: int, untrusted: tuple[str, ...]) -> Change:
    """Judge one comparison; `untrusted` are doubts about the runs themselves."""
    shift_ms, beside = found.shift_ms, found.beside
    return Change(
        shift_ms,
        found.log_ratio,
        found,
        two_samples.p_value(_finite(found.after_ms), _finite(found.before_ms)),
        p_holm,
        _detectable_ratio(found, beside, tests),
        (*_alike(found, shift_ms, beside, p_holm), *untrusted),
    )


def _detectable_ratio(found: Samples, beside: Shift | None, tests: int) -> float:
    spread = power.scatter(beside.values) if beside else None
    if spread is None:
        return math.inf
    sizes = len(found.before_beside), len(found.after_beside)
    return ratio_of(power.detectable_between(spread, *sizes, tests))


def _alike(found: Samples, shift_ms: Shift, beside: Shift | None, p_holm: float) -> Iterator[str]:
    """Yield that the control may have changed as much, unless it is shown that it did not.

    That is shown if the arm has changed beside its control: in the same direction, by more than is
    practically equal, and beyond what Holm's correction leaves to chance.
    """
    if beside is None:
        yield "nothing beside it tells whether the hour was slower"
    elif (
        p_holm >= SIGNIFICANT
        or not beside.is_relevant
        or beside.found.value * shift_ms.found.value <= 0
    ):
        yield f"{found.control} may have changed as much"


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


def _finite(times_ms: Times) -> list[float]:
    return [min(time_ms, NEVER) for time_ms in times_ms]
