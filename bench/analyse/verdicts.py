"""Comparisons within blocks: each strategy against the baseline, the baseline against itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.analyse.statistics import holm
from bench.analyse.statistics.hodges_lehmann import estimate, p_value
from bench.analyse.statistics.verdict import Verdict, decide
from bench.analyse.trials import Run

COLUMNS = [
    "strategy", "baseline", "workload", "rate_per_s", "metric", "quantile",
    "ratio", "low", "high", "p_holm", "verdict",
]  # fmt: skip
METRICS = ("response", "completion")
QUANTILES = (0.5, 0.9, 0.99)
EXPLORATORY = 0.99
COPY = "#"


@dataclass(frozen=True)
class Comparison:
    """A strategy's and the baseline's quantile in the same blocks, as log-ratios."""

    label: str
    workload: str
    rate_per_s: float
    metric: str
    quantile: float
    log_ratios: tuple[float, ...]

    @property
    def is_control(self) -> bool:
        """Whether both sides are the baseline: a live A/A test."""
        return COPY in self.label


def comparisons(run: Run) -> list[Comparison]:
    """Pair every arm with the baseline, block by block."""
    found = []
    for workload in run.workloads():
        for label in run.labels(workload):
            if label != run.record.baseline:
                found += _of_arm(run, label, workload)
    return found


def _of_arm(run: Run, label: str, workload: str) -> list[Comparison]:
    base = {t.record.trial.block: t for t in run.of(run.record.baseline, workload)}
    pairs = [
        (trial, base[trial.record.trial.block])
        for trial in run.of(label, workload)
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
            rate = pairs[0][0].record.trial.arm.rate_per_s
            found.append(Comparison(label, workload, rate, *key, ratios))
    return found


def verdicts(run: Run) -> pd.DataFrame:
    """Return a row per comparison; Holm's correction is over the strategies."""
    found = comparisons(run)
    adjusted = _adjusted([c for c in found if not c.is_control])
    rows = [_row(c, run.record.baseline, adjusted.get(c)) for c in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _adjusted(tested: list[Comparison]) -> dict[Comparison, float]:
    """Return Holm's p of each comparison; a family is one workload, metric and quantile."""
    families: dict[tuple[str, float, str, float], list[Comparison]] = {}
    for c in tested:
        key = (c.workload, c.rate_per_s, c.metric, c.quantile)
        families.setdefault(key, []).append(c)
    return {
        comparison: p
        for family in families.values()
        for comparison, p in zip(
            family, holm.adjusted([p_value(c.log_ratios) for c in family]), strict=True
        )
    }


def _row(comparison: Comparison, baseline: str, p_holm: float | None) -> list[object]:
    blocks = len(comparison.log_ratios)
    wide = estimate(comparison.log_ratios)
    p = p_value(comparison.log_ratios) if p_holm is None else p_holm
    narrow = estimate(comparison.log_ratios, confidence=0.90)
    interval = (
        -math.inf if narrow.low is None else narrow.low,
        math.inf if narrow.high is None else narrow.high,
    )
    verdict: str = decide(wide.value, interval, p, comparison.quantile, blocks)
    enough = verdict != Verdict.TOO_FEW
    if comparison.is_control and enough:
        verdict = "different" if verdict in (Verdict.FASTER, Verdict.SLOWER) else "same"
    elif comparison.quantile == EXPLORATORY and enough:
        verdict += " (exploratory)"
    low = math.exp(wide.low) if wide.low is not None else math.nan
    high = math.exp(wide.high) if wide.high is not None else math.nan
    return [
        comparison.label, baseline, comparison.workload, comparison.rate_per_s, comparison.metric,
        comparison.quantile, math.exp(wide.value), low, high, p if enough else None, verdict,
    ]  # fmt: skip


def sentence(row: Mapping[Any, Any]) -> str:
    """Say one row of the verdicts in plain words."""
    what = {"response": "answers", "completion": "finishes the work"}[row["metric"]]
    ratio = row["ratio"]
    times = f"{max(ratio, 1 / ratio):.2g} x {'slower' if ratio > 1 else 'faster'}"
    where = f"at p{row['quantile'] * 100:g}, {row['workload']} at {row['rate_per_s']:g}/s"
    against = f"{row['strategy']} {what} {times} than {row['baseline']} {where}"
    if math.isnan(row["low"]):
        return f"{against} ({row['verdict']})"
    interval = f"ratio {ratio:.3g}, between {row['low']:.3g} and {row['high']:.3g}"
    return f"{against} ({interval}): {row['verdict']}"
