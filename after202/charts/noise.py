"""How far strategies differ, beside how far the baseline differs from a copy of itself.

Each mark is a ratio of medians within blocks, with its 95 % interval where there are enough of
them. If the copy is not at 1, no difference of its size can be trusted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from after202.charts import conditions, legend, marks, palette, rows, scale
from after202.charts.canvas import SMALL, Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import apart, times
from after202.kernel.model import DOCUMENTED

METRICS = {"response": "until the answer", "completion": "until the work is done"}
HEADING, FOOT, MARGIN = 30, 42, 62
DIFFERENT, SAME = "different", "same"
COPY_NAME = "its own copy"


@dataclass(frozen=True)
class Row(rows.Named):
    """An arm's ratio to the baseline; `is_copy` marks the baseline's own copy."""

    metric: str
    ratio: float
    interval: tuple[float, float] | None
    verdict: str
    is_copy: bool = False

    @property
    def size(self) -> float:
        """How far the ratio is from 1, as a ratio above 1."""
        return max(self.ratio, 1 / self.ratio)


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per metric, the copy first."""
    frame = _frame(tables)
    found = list(_rows(tables, frame))
    if not found:
        return None
    base = tables.name(tables.baseline)
    said = title(found, base)
    return drawn("noise", said, alt(found, said, base), lambda canvas: _paint(canvas, found, base))


def _frame(tables: Tables) -> pd.DataFrame:
    """Return the medians' verdicts of the load with a copy of the baseline, else of the fullest."""
    mine = tables.verdicts[tables.verdicts["quantile"] == 0.5]
    mine = mine[mine["ratio"].between(0, float("inf"), inclusive="neither")]
    found = list(conditions.each(mine))
    return max(found, key=lambda one: (_copies(one).any(), len(one)), default=mine)


def _copies(frame: pd.DataFrame) -> pd.Series:
    return frame["strategy"].astype(str).str.contains(conditions.COPY, regex=False)


def _rows(tables: Tables, frame: pd.DataFrame) -> Iterator[Row]:
    for metric in METRICS:
        mine = frame[frame["metric"] == metric].assign(is_copy=_copies)
        names = mine["strategy"].map(lambda label: tables.order(_split(label)[0]))
        order = sorted(mine.index, key=lambda at: (not mine.loc[at, "is_copy"], names[at]))
        for _, row in mine.loc[order].iterrows():
            strategy, variant = _split(row["strategy"])
            name = (
                (COPY_NAME, "") if row["is_copy"] else rows.named(tables.label(strategy), variant)
            )
            known = pd.notna(row["low"]) and pd.notna(row["high"])
            interval = (float(row["low"]), float(row["high"])) if known else None
            verdict, is_copy = str(row["verdict"]), bool(row["is_copy"])
            yield Row(name, metric, float(row["ratio"]), interval, verdict, is_copy)


def _split(label: str) -> tuple[str, str]:
    """Return the strategy and the variant of an arm's label."""
    strategy, _, variant = label.partition(conditions.COPY)[0].partition(" ")
    named = variant and not variant.startswith("(")
    return strategy, variant if named else f"{DOCUMENTED} {variant}".strip()


def title(found: Sequence[Row], base: str) -> str:
    """Say whether the same thing measured twice is the same, and how large differences are."""
    copies, others = ([r for r in found if r.is_copy == is_copy] for is_copy in (True, False))
    largest = apart(max(row.size for row in others)) if others else ""
    differ = f"; strategies differ by up to {largest}" if others else ""
    if not copies:
        return f"Strategies differ by up to {largest}; no copy of {base} shows how much is noise"
    if any(row.verdict == DIFFERENT for row in copies):
        return f"Trust no difference here: {base} differs from its own copy"
    noise = apart(max(row.size for row in copies))
    if all(row.verdict == SAME for row in copies):
        return f"{base} measured twice is the same within {noise}{differ}"
    return (
        f"{base} measured twice came out {noise} apart, too few blocks to call it the same{differ}"
    )


def alt(found: Sequence[Row], said: str, base: str) -> str:
    """Return every ratio with its interval and verdict."""
    each = "; ".join(_sentence(row) for row in found)
    return f"{said}. Times as long as {base}: {each}."


def _sentence(row: Row) -> str:
    between = ""
    if row.interval:
        between = f" ({times(row.interval[0])} to {times(row.interval[1])})"
    return f"{row.label}, {METRICS[row.metric]}: {times(row.ratio)}{between}, {row.verdict}"


def _paint(canvas: Canvas, found: Sequence[Row], base: str) -> None:
    entries = [Entry(f"{base} against its own copy", "answer"), Entry("other strategies", "later")]
    there = [metric for metric in METRICS if any(row.metric == metric for row in found)]
    top = legend.height(canvas, entries) + 2
    canvas.size(top + rows.height(canvas, len(found)) + HEADING * len(there) + FOOT)
    legend.write(canvas, 0, entries)
    ends = [end for row in found for end in (row.ratio, *(row.interval or ()))]
    low, high = scale.limits([1.0, *ends], 1.2, 1.2)
    for metric in there:
        canvas.text(2, top + 20, METRICS[metric].capitalize(), size=SMALL, color=palette.MUTED)
        mine, last = [row for row in found if row.metric == metric], metric == there[-1]
        unit = f"times as long as {base} (logarithmic)" if last else ""
        top = _panel(canvas, mine, top + HEADING, (low, high), unit)


def _panel(
    canvas: Canvas, found: Sequence[Row], top: float, ends: tuple[float, float], unit: str
) -> float:
    grid = rows.lay_out(canvas, [row.name for row in found], top, margin=MARGIN)
    grid.axes.set(xscale="log", xlim=ends)
    ticks = scale.logarithmic(*ends, 5 if canvas.narrow else 9)
    rows.axis(canvas, grid, ticks, unit, "{:g}\N{MULTIPLICATION SIGN}")
    grid.axes.tick_params(labelbottom=bool(unit))
    grid.axes.axvline(1, color=palette.ANSWER, linewidth=1.5, linestyle=(0, (2, 2)), zorder=2)
    for n, (y, row) in enumerate(zip(grid.ys, found, strict=True)):
        colour = palette.ANSWER if row.is_copy else palette.INK
        if row.interval:
            grid.axes.plot(row.interval, [y, y], color=colour, linewidth=2.2, zorder=3)
        mark = marks.put(grid.axes, "answer" if row.is_copy else "later", [(row.ratio, y)], 10)
        canvas.tip(mark, _sentence(row))
        rows.say(canvas, grid, n, times(row.ratio))
    return grid.bottom
