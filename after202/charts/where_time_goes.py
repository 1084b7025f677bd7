"""Where a job's time goes, at the median: the answer, the wait for the first start, the work.

The thin line runs from due to answered. The bar runs from due to the start of the first step
(hatched), then to the end of the last step. Each end is the median of its own time.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from after202.charts import arms, conditions, marks, palette, rows, scale
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import ms, number, percent

EXPERT = True
ENTRIES = (
    Entry("until the answer", colour=palette.ANSWER),
    Entry("wait for the first start", colour=palette.MUTED, hatched=True),
    Entry("work", colour=palette.DONE),
)
MARGIN, BAR, THIN, SHIFT = 62, 11, 5, 9
LITTLE = 0.1


@dataclass(frozen=True)
class Row(rows.Named):
    """An arm's median times since due (ms)."""

    answered: float
    started: float
    ended: float
    trials: int = 0

    @property
    def waiting(self) -> float:
        """The share of the time until done before the first step starts."""
        return self.started / self.ended if self.ended else 0.0


def draw(tables: Tables) -> Chart | None:
    """Draw a row per arm, for the load that most strategies met."""
    frame = conditions.fullest(conditions.arms(tables.latency))
    found = list(_rows(tables, frame))
    if not found:
        return None
    said = title(found)
    each = "; ".join(
        f"{row.label}: answered {number(row.answered)}, begun {number(row.started)},"
        f" done {number(row.ended)}"
        for row in found
    )
    return drawn("where_time_goes", said, f"{said}. In ms: {each}.", lambda c: _paint(c, found))


def _rows(tables: Tables, frame: pd.DataFrame) -> Iterator[Row]:
    for name, arm in arms.frames(tables, frame):
        answered, started, ended = (
            conditions.value(arm, metric, 0.5) for metric in ("response", "start", "completion")
        )
        if answered is None or started is None or ended is None:
            continue
        if math.isfinite(max(answered, started, ended)):
            yield Row(name, answered, started, ended, int(arm["trials"].max()))


def title(found: Sequence[Row]) -> str:
    """Say how much of the time until done is spent before the work begins."""
    most = max(found, key=lambda row: row.waiting)
    if most.waiting <= LITTLE:
        return "Work begins soon after the request with every strategy"
    return (
        f"With {most.label}, {percent(most.waiting)} of the time until done ({ms(most.ended)})"
        " passes before the work begins, the most of all"
    )


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    names = [rows.marked(row.name, row.trials) for row in found]
    grid = rows.under_legend(canvas, ENTRIES, names, MARGIN)
    most = max(max(row.answered, row.ended) for row in found)
    grid.axes.set_xlim(0, 1.02 * most)
    rows.axis(canvas, grid, scale.linear(most, 5 if canvas.narrow else 8), "ms since due")
    for n, (y, row) in enumerate(zip(grid.ys, found, strict=True)):
        marks.bar(grid.axes, (0, row.answered), y - SHIFT, THIN, (palette.ANSWER, False))
        marks.bar(grid.axes, (0, row.started), y, BAR, (palette.MUTED, True))
        marks.bar(grid.axes, (row.started, row.ended - row.started), y, BAR, (palette.DONE, False))
        rows.say(canvas, grid, n, number(row.ended))
