"""Comparisons within blocks: each arm against the baseline, the baseline against itself."""

import math
from dataclasses import dataclass

import pandas as pd

from after202.analyse.run import Run
from after202.analyse.statistics import holm, power
from after202.analyse.statistics.hodges_lehmann import Estimate, estimate, p_value
from after202.analyse.statistics.verdict import Verdict, decide, region
from after202.records.experiment import Arm, Condition

COLUMNS = [
    "strategy", "baseline", "workload", "rate_per_s", "metric", "quantile",
    "ratio", "low", "high", "p_holm", "verdict",
]  # fmt: skip
METRICS = ("response", "completion")
QUANTILES = (0.5, 0.9, 0.99)
EXPLORATORY = 0.99


@dataclass(frozen=True)
class Comparison:
    """An arm's and the baseline's quantile in the same blocks, as log-ratios."""

    arm: Arm
    baseline: Arm
    metric: str
    quantile: float
    log_ratios: tuple[float, ...]

    @property
    def blocks(self) -> int:
        """How many blocks hold a valid trial of both."""
        return len(self.log_ratios)


@dataclass(frozen=True)
class Finding:
    """What a comparison says.

    `equivalence` has the 90 % interval that must lie in the region of practical equivalence.
    `detectable` is the smallest ratio above 1 that would have been found with this many blocks
    four times of five; `more_blocks` is how many it would take to settle what is inconclusive.
    Either is None where the scatter is not known yet.
    """

    comparison: Comparison
    log_ratio: Estimate
    equivalence: Estimate
    p_holm: float
    verdict: Verdict
    detectable: float | None
    more_blocks: int | None

    @property
    def ratio(self) -> float:
        """The arm's time over the baseline's."""
        return math.exp(self.log_ratio.value)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ratio's 95 % interval; None with too few blocks for one."""
        return _ratios(self.log_ratio)

    @property
    def interval_90(self) -> tuple[float, float] | None:
        """The ratio's 90 % interval; None with too few blocks for one."""
        return _ratios(self.equivalence)

    @property
    def is_control(self) -> bool:
        """Whether both sides are the baseline: a live A/A test."""
        return self.comparison.arm.is_copy

    @property
    def said(self) -> str:
        """The verdict as a word for tables."""
        if self.verdict == Verdict.TOO_FEW:
            return self.verdict
        if self.is_control:
            return "different" if self.verdict in (Verdict.FASTER, Verdict.SLOWER) else "same"
        exploratory = " (exploratory)" if self.comparison.quantile == EXPLORATORY else ""
        return f"{self.verdict}{exploratory}"


def _ratios(log_ratio: Estimate) -> tuple[float, float] | None:
    if log_ratio.low is None or log_ratio.high is None:
        return None
    return math.exp(log_ratio.low), math.exp(log_ratio.high)


def findings(run: Run) -> list[Finding]:
    """Judge every arm against its baseline; Holm's correction is over a condition's arms."""
    families: dict[tuple[Condition, str, float, bool], list[Comparison]] = {}
    for c in _comparisons(run):
        key = (c.arm.condition, c.metric, c.quantile, c.arm.is_copy)
        families.setdefault(key, []).append(c)
    return [finding for family in families.values() for finding in judge(family)]


def _comparisons(run: Run) -> list[Comparison]:
    """Pair every arm with the baseline of its condition."""
    return [
        comparison
        for condition in run.conditions()
        for arm in run.arms(condition)
        if arm != run.baseline(condition)
        for comparison in compare(run, arm, run.baseline(condition))
    ]


def compare(run: Run, arm: Arm, baseline: Arm) -> list[Comparison]:
    """Pair two arms block by block: a comparison per metric and quantile."""
    base = {t.record.trial.block: t for t in run.of(baseline)}
    pairs = [
        (trial, base[trial.record.trial.block])
        for trial in run.of(arm)
        if trial.record.trial.block in base
    ]
    found = []
    for key in [(metric, quantile) for metric in METRICS for quantile in QUANTILES]:
        ratios = tuple(
            math.log(mine.quantiles_ms[key] / other.quantiles_ms[key])
            for mine, other in pairs
            if key in mine.quantiles_ms and key in other.quantiles_ms
        )
        if ratios:
            found.append(Comparison(arm, baseline, *key, ratios))
    return found


def judge(family: list[Comparison]) -> list[Finding]:
    """Judge comparisons that are made together, and so are corrected together."""
    adjusted = holm.adjusted([p_value(c.log_ratios) for c in family])
    return [_finding(c, p, len(family)) for c, p in zip(family, adjusted, strict=True)]


def _finding(comparison: Comparison, p_holm: float, tests: int) -> Finding:
    ratios, quantile = comparison.log_ratios, comparison.quantile
    found = estimate(ratios)
    narrow = estimate(ratios, confidence=0.90)
    verdict = decide(found.value, narrow, p_holm, quantile)
    spread = power.scatter(ratios)
    detectable = more = None
    if spread is not None:
        detectable = math.exp(power.detectable(spread, comparison.blocks, tests))
        settling = power.blocks_to_settle(found.value, region(quantile), spread, tests)
        more = max(settling - comparison.blocks, 1) if settling else None
    return Finding(comparison, found, narrow, p_holm, verdict, detectable, more)


def table(found: list[Finding]) -> pd.DataFrame:
    """Return `verdicts.csv`: a row per comparison."""
    return pd.DataFrame([_row(finding) for finding in found], columns=COLUMNS)


def _row(finding: Finding) -> list[object]:
    c = finding.comparison
    low, high = finding.interval or (None, None)
    p_holm = None if finding.verdict == Verdict.TOO_FEW else finding.p_holm
    return [
        c.arm.label, c.baseline.label, c.arm.workload, c.arm.rate_per_s, c.metric, c.quantile,
        finding.ratio, low, high, p_holm, finding.said,
    ]  # fmt: skip
