"""The pooled table, as CSV, and its page in Markdown and in a terminal."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from after202.analyse.findings.finding import Finding
from after202.analyse.pooling.sessions import Comparison
from after202.analyse.run import Run
from after202.records.experiment import DEPLOYMENT
from after202.records.files import writing
from after202.report.blocks import Block, Items, Section, table
from after202.report.numbers import factor, signed_ms
from after202.report.rendering import markdown

CSV, PAGE = "pooled.csv", "POOLED.md"
FEW = 3
NONE = "-"
COLUMNS = [
    "strategy", "baseline", "workload", "rate_per_s", "metric", "quantile", "sessions",
    "difference_ms", "difference_low_ms", "difference_high_ms", "between_ms", "inconsistency",
    "ratio", "low", "high", "p_holm", "verdict", *DEPLOYMENT,
]  # fmt: skip
HEADS = ("comparison", "sessions, one by one", "over sessions", "between", "ratio", "verdict")
EXPLAINED = (
    "Each session is a run of its own, of another hour. One by one: the difference in ms that each"
    " session found. Over sessions: a random-effects estimate with its 95 % interval. Between: the"
    " standard deviation between sessions. An interval of one session says nothing about another"
    " hour; this one does."
)


def write(folder: Path, runs: Sequence[Run], found: Sequence[Comparison]) -> None:
    """Write the table and the page into a new folder."""
    with writing(folder):
        folder.mkdir(parents=True)
        frame(found).to_csv(folder / CSV, index=False)
        (folder / PAGE).write_text(markdown.page([section(runs, found)]), encoding="utf-8")


def section(runs: Sequence[Run], found: Sequence[Comparison]) -> Section:
    """Return the pooled comparisons with the sessions that they come from."""
    return Section("Over sessions", tuple(_blocks(runs, found)))


def _blocks(runs: Sequence[Run], found: Sequence[Comparison]) -> Iterator[Block]:
    yield Items(tuple(_about(runs)))
    yield table(HEADS, [_shown(one) for one in found], 1)


def _about(runs: Sequence[Run]) -> Iterator[str]:
    """Yield what the figures mean, and the sessions that they come from."""
    yield EXPLAINED
    if len(runs) < FEW:
        yield (
            f"{len(runs)} sessions hardly show how much sessions differ: three or more, at"
            " different hours, do."
        )
    for run in runs:
        yield f"{run.record.run}: begun {run.record.started_at}"


def lines(runs: Sequence[Run], found: Sequence[Comparison]) -> Iterator[str]:
    """Yield the section for a terminal, with a line per comparison: it has no room for a table."""
    yield from _about(runs)
    for one in found:
        name, _, over, between, ratio, verdict = _shown(one)
        apart = "" if one.difference_ms is None else f", {between} between sessions, x {ratio}"
        yield f"{name}: {over}{apart}: {verdict}"


def _shown(one: Comparison) -> tuple[str, ...]:
    pooled, ratio = one.difference_ms, one.log_ratio
    singly = ", ".join(signed_ms(finding.difference_ms) for finding in one.found)
    if pooled is None:
        return _name(one.found[0]), singly, "cannot be averaged", NONE, NONE, one.said
    low, high = pooled.interval()
    shown = NONE if ratio is None else _factors(*map(math.exp, (ratio.value, *ratio.interval())))
    over = f"{signed_ms(pooled.value)} ({signed_ms(low)} to {signed_ms(high)})"
    return _name(one.found[0]), singly, over, f"{pooled.between:.2g} ms", shown, one.said


def _factors(value: float, low: float, high: float) -> str:
    return f"{factor(value)} ({factor(low)} to {factor(high)})"


def _name(finding: Finding) -> str:
    c = finding.pairing
    return f"{c.arm.label}, {c.metric} p{c.quantile * 100:g} ({c.arm.condition.label})"


def frame(found: Sequence[Comparison]) -> pd.DataFrame:
    """Return `pooled.csv`: a row per comparison."""
    return pd.DataFrame([_row(one) for one in found], columns=COLUMNS)


def _row(one: Comparison) -> list[object]:
    c, pooled, ratio = one.found[0].pairing, one.difference_ms, one.log_ratio
    in_ms = (pooled.value, *pooled.interval(), pooled.between) if pooled else (None,) * 4
    factors = map(math.exp, (ratio.value, *ratio.interval())) if ratio else (None,) * 3
    return [
        c.arm.label, c.baseline.label, c.arm.workload, c.arm.rate_per_s, c.metric, c.quantile,
        len(one.found), *in_ms, pooled.inconsistency if pooled else None, *factors, one.p_holm,
        one.said, *c.arm.cells,
    ]  # fmt: skip
