"""Whether an arm is faster or slower in a second run: two independent samples of trials."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from after202.analyse.findings.comparisons import METRICS, mail_delay_ms
from after202.analyse.findings.finding import (
    EXPLORATORY,
    Interval,
    interval_of,
    ratio_of,
    ratios,
)
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
from after202.analyse.trials.comparison import LEAST_REQUESTS, ComparisonSummary
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
        """The two-sided p of no shift, before correction."""
        return two_samples.p_value(_finite(self.after_ms), _finite(self.before_ms))

    @property
    def least_p(self) -> float:
        """The smallest p that so many trials can have."""
        return two_samples.least_p(len(self.before_ms), len(self.after_ms))

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
class Change:
    """The result for one arm, metric and quantile.

    `doubts` are reasons why a difference may be the hour's and not the arm's.
    """

    samples: Samples
    shift_ms: Shift
    log_ratio: Shift | None
    p_holm: float
    detectable_ms: float
    doubts: tuple[str, ...] = ()

    @property
    def verdict(self) -> Difference:
        """The verdict, by the regions of practical equivalence that hold within a run."""
        scales = [self.shift_ms] if self.log_ratio is None else [self.shift_ms, self.log_ratio]
        return decide(scales, self.p_holm)

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

    @property
    def difference_ms(self) -> float:
        """How many ms later it is in the second run."""
        return true_value(self.shift_ms.found.value)

    @property
    def interval_ms(self) -> Interval | None:
        """The 95 % interval of the difference; None with too few trials for one."""
        return interval_of(self.shift_ms.found)

    @property
    def ratio(self) -> float | None:
        """The second run's time over the first's; None if a constant dilutes it."""
        return None if self.log_ratio is None else ratio_of(self.log_ratio.found.value)

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the ratio; None with too few trials for one, or without a ratio."""
        return None if self.log_ratio is None else ratios(self.log_ratio.found)


def judged(samples: Samples, p_holm: float, tests: int, untrusted: tuple[str, ...]) -> Change:
    """Judge one comparison; `untrusted` are doubts about the runs themselves."""
    shift_ms = samples.shift_ms
    spread = power.scatter(shift_ms.values) or math.inf
    return Change(
        samples,
        shift_ms,
        samples.log_ratio,
        p_holm,
        true_value(power.detectable_between(spread, *samples.sizes, tests)),
        (*_alike(samples, shift_ms), *untrusted),
    )


def _alike(samples: Samples, shift_ms: Shift) -> Iterator[str]:
    """Yield that the control changed as much, unless its own 95 % interval says otherwise."""
    beside = samples.beside
    if beside is None:
        yield "nothing beside it tells whether the hour was slower"
    elif not _is_apart(beside, math.copysign(1, shift_ms.found.value)):
        yield f"{samples.control} may have changed as much"


def _is_apart(beside: Shift, sign: float) -> bool:
    low, high = beside.found.low, beside.found.high
    return low is not None and high is not None and min(low * sign, high * sign) > 0


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
