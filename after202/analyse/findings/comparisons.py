"""Comparisons within blocks: each arm against the baseline, the baseline against itself."""

import math
from dataclasses import dataclass

import pandas as pd

from after202.analyse.run import Run
from after202.analyse.statistics import holm, power
from after202.analyse.statistics.difference import Difference, decide, region
from after202.analyse.statistics.hodges_lehmann import Estimate, estimate, p_value
from after202.records.experiment import DEPLOYMENT, Arm, Condition

COLUMNS = [
    "strategy", "baseline", "workload", "rate_per_s", "metric", "quantile",
    "ratio", "low", "high", "p_holm", "verdict", *DEPLOYMENT,
]  # fmt: skip
METRICS = ("response", "completion")
QUANTILES = (0.5, 0.9, 0.99)
EXPLORATORY = 0.99
# What the live A/A test says: to be unable to tell is not to be the same.
CONTROL = {
    Difference.FASTER: "different",
    Difference.SLOWER: "different",
    Difference.SAME: "same",
    Difference.INCONCLUSIVE: "cannot tell",
}
# Stands for the logarithm of an infinite ratio. The estimate and the test go by ranks, and half of
# it is far above the logarithm of any ratio that was measured.
NEVER = 100.0
ABOVE_ALL = 30.0


@dataclass(frozen=True)
class Pairing:
    """An arm's and the baseline's quantile in the same blocks, as log-ratios.

    Where only one of the two is infinite, because the work never ended, so is the ratio. A block in
    which both are tells nothing.
    """

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
    """The result of one comparison.

    `equivalence` has the 90 % interval that must lie in the region of practical equivalence.
    `detectable` is the smallest ratio above 1 that this many blocks detect with a power of 80 %.
    `more_blocks` is how many more blocks would settle the verdict; None if that is too many. Both
    are None if there are too few blocks to know the scatter.
    """

    pairing: Pairing
    log_ratio: Estimate
    equivalence: Estimate
    p_holm: float
    verdict: Difference
    detectable: float | None
    more_blocks: int | None

    @property
    def ratio(self) -> float:
        """The arm's time divided by the baseline's."""
        return ratio_of(self.log_ratio.value)

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


def _ratios(log_ratio: Estimate) -> tuple[float, float] | None:
    if log_ratio.low is None or log_ratio.high is None:
        return None
    return ratio_of(log_ratio.low), ratio_of(log_ratio.high)


def findings(run: Run) -> list[Finding]:
    """Judge every arm against its baseline; Holm's correction covers the arms of a condition."""
    families: dict[tuple[Condition, str, float, bool], list[Pairing]] = {}
    for c in _pairings(run):
        key = (c.arm.condition, c.metric, c.quantile, c.arm.is_copy)
        families.setdefault(key, []).append(c)
    return [finding for family in families.values() for finding in judge(family)]


def _pairings(run: Run) -> list[Pairing]:
    """Pair every arm with the baseline of its condition, if all of its arms have one rate.

    At different rates, processors are asleep for different shares of the time, and waking one up
    takes about as long as a quick answer.
    """
    return [
        pairing
        for condition in run.conditions()
        if condition.own_share is None
        for arm in run.arms(condition)
        if arm != run.baseline(condition)
        for pairing in compare(run, arm, run.baseline(condition))
    ]


def compare(run: Run, arm: Arm, baseline: Arm) -> list[Pairing]:
    """Pair two arms block by block; return a pairing per metric and quantile."""
    base = {t.record.trial.block: t for t in run.of(baseline)}
    pairs = [
        (trial, base[trial.record.trial.block])
        for trial in run.of(arm)
        if trial.record.trial.block in base
    ]
    found = []
    for key in [(metric, quantile) for metric in METRICS for quantile in QUANTILES]:
        times = (
            (mine.quantiles_ms[key], other.quantiles_ms[key])
            for mine, other in pairs
            if key in mine.quantiles_ms and key in other.quantiles_ms
        )
        ratios = tuple(_log_ratio(*pair) for pair in times if min(pair) < math.inf)
        if ratios:
            found.append(Pairing(arm, baseline, *key, ratios))
    return found


def _log_ratio(mine: float, other: float) -> float:
    """Return the logarithm of the ratio of two times, one of which may be infinite."""
    if math.inf in (mine, other):
        return NEVER if mine == math.inf else -NEVER
    return math.log(mine / other)


def ratio_of(log_ratio: float) -> float:
    """Return the ratio with this logarithm: infinite or 0 if one of the times was infinite."""
    if abs(log_ratio) > ABOVE_ALL:
        return math.inf if log_ratio > 0 else 0.0
    return math.exp(log_ratio)


def judge(family: list[Pairing]) -> list[Finding]:
    """Judge a family of comparisons, with Holm's correction over the family."""
    adjusted = holm.adjusted([p_value(c.log_ratios) for c in family])
    return [_finding(c, p, len(family)) for c, p in zip(family, adjusted, strict=True)]


def _finding(pairing: Pairing, p_holm: float, tests: int) -> Finding:
    ratios, quantile = pairing.log_ratios, pairing.quantile
    found = estimate(ratios)
    narrow = estimate(ratios, confidence=0.90)
    verdict = decide(found.value, narrow, p_holm, quantile)
    spread = power.scatter(ratios)
    detectable = more = None
    if spread is not None:
        detectable = ratio_of(power.detectable(spread, pairing.blocks, tests))
        settling = power.blocks_to_settle(found.value, region(quantile), spread, tests)
        more = max(settling - pairing.blocks, 1) if settling else None
    return Finding(pairing, found, narrow, p_holm, verdict, detectable, more)


def table(found: list[Finding]) -> pd.DataFrame:
    """Return `verdicts.csv`: a row per comparison."""
    return pd.DataFrame([_row(finding) for finding in found], columns=COLUMNS)


def _row(finding: Finding) -> list[object]:
    c = finding.pairing
    low, high = finding.interval or (None, None)
    p_holm = None if finding.verdict == Difference.TOO_FEW else finding.p_holm
    return [
        c.arm.label, c.baseline.label, c.arm.workload, c.arm.rate_per_s, c.metric, c.quantile,
        finding.ratio, low, high, p_holm, finding.said, *c.arm.cells,
    ]  # fmt: skip
