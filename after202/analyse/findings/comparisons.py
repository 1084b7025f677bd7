"""Comparisons within blocks: each arm against the baseline, the baseline against itself."""

import math
from collections.abc import Sequence

import pandas as pd

from after202.analyse.findings.finding import Finding, Pairing
from after202.analyse.run import Run
from after202.analyse.statistics import holm, power
from after202.analyse.statistics.difference import (
    Difference,
    Shift,
    decide,
    in_ms,
    in_ratio,
    true_value,
)
from after202.analyse.statistics.hodges_lehmann import p_value
from after202.analyse.trials.comparison import LEAST_REQUESTS
from after202.records.experiment import DEPLOYMENT, Arm, Condition

COLUMNS = [
    "strategy", "baseline", "workload", "rate_per_s", "metric", "quantile",
    "ratio", "low", "high", "p_holm", "verdict",
    "difference_ms", "difference_low_ms", "difference_high_ms", "blocks", *DEPLOYMENT,
]  # fmt: skip
METRICS = ("response", "completion")


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
    delay_ms = mail_delay_ms(run, arm)
    found = []
    for key in [(metric, quantile) for metric in METRICS for quantile in LEAST_REQUESTS]:
        times = (
            (mine.quantiles_ms[key], other.quantiles_ms[key])
            for mine, other in pairs
            if key in mine.quantiles_ms and key in other.quantiles_ms
        )
        pairs_ms = tuple(pair for pair in times if min(pair) < math.inf)
        if pairs_ms:
            found.append(Pairing(arm, baseline, *key, pairs_ms, delay_ms))
    return found


def mail_delay_ms(run: Run, arm: Arm) -> float:
    """Return how long the mail server sleeps in each job of an arm: 0 if it sends no mail."""
    offers = (trial.record.offer for trial in run.of(arm))
    sends_mail = any(offer is not None and offer.sends_mail for offer in offers)
    return run.record.profile.mail_delay_ms if sends_mail else 0.0


def judge(family: list[Pairing]) -> list[Finding]:
    """Judge a family of comparisons, with Holm's correction over the family.

    There is one test, that of the differences in ms: it says p < 0.05 just where their interval
    leaves 0 out, and a constant in both times changes neither.
    """
    shifts = [in_ms(c.pairs_ms, c.quantile) for c in family]
    adjusted = holm.adjusted([p_value(shift.values) for shift in shifts])
    return [
        _finding(c, shift, p, len(family))
        for c, shift, p in zip(family, shifts, adjusted, strict=True)
    ]


def _finding(pairing: Pairing, shift_ms: Shift, p_holm: float, tests: int) -> Finding:
    diluted = pairing.is_diluted
    log_ratio = None if diluted else in_ratio(pairing.pairs_ms, pairing.quantile)
    scales = [shift_ms] if log_ratio is None else [shift_ms, log_ratio]
    spread = power.scatter(shift_ms.values)
    detectable_ms = None
    if spread is not None:
        detectable_ms = true_value(power.detectable(spread, pairing.blocks, tests))
    return Finding(
        shift_ms,
        log_ratio,
        pairing,
        p_holm,
        decide(scales, p_holm),
        detectable_ms,
        _more_blocks(scales, tests),
    )


def _more_blocks(scales: Sequence[Shift], tests: int) -> int | None:
    """Return how many more blocks would settle the verdict; None if that is not known.

    A difference outside every region has to be significant; else it has to be equivalent on one of
    the scales that it is inside of.
    """
    inside = [shift for shift in scales if not shift.is_relevant]
    needed = [
        power.blocks_to_settle(shift.found.value, shift.region, spread, tests)
        for shift in inside or scales[:1]
        if (spread := power.scatter(shift.values)) is not None
    ]
    known = [blocks for blocks in needed if blocks]
    return max(min(known) - scales[0].found.trials, 1) if known else None


def table(found: list[Finding]) -> pd.DataFrame:
    """Return `verdicts.csv`: a row per comparison."""
    return pd.DataFrame([_row(finding) for finding in found], columns=COLUMNS)


def _row(finding: Finding) -> list[object]:
    c = finding.pairing
    p_holm = None if finding.verdict == Difference.TOO_FEW else finding.p_holm
    return [
        c.arm.label, c.baseline.label, c.arm.workload, c.arm.rate_per_s, c.metric, c.quantile,
        finding.ratio, *(finding.interval or (None, None)), p_holm, finding.said,
        finding.difference_ms, *(finding.interval_ms or (None, None)), c.blocks, *c.arm.cells,
    ]  # fmt: skip
