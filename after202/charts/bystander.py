"""How the work affects other requests: response times of an endpoint that does no work.

The open circle is the median while jobs are being done, the line reaches to the p90. The upright
line is the median before the load, where it was measured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from after202.charts import arms, conditions, marks, palette, rows, scale
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import ms, number

EXPERT = True
LOADED, AT_REST = "bystander_response", "bystander_at_rest"
ENTRIES = (Entry("under load", "answer"), Entry("at rest", colour=palette.MUTED))
ALIKE, MARGIN = 1.2, 62


@dataclass(frozen=True)
class Row(rows.Named):
    """An arm's medians and p90 of the endpoint (ms)."""

    loaded: float
    late: float | None
    at_rest: float | None
    trials: int = 0


def draw(tables: Tables) -> Chart | None:
    """Draw a row per arm."""
    mine = tables.latency[tables.latency["metric"].isin([LOADED, AT_REST])]
    found = list(_rows(tables, conditions.fullest(conditions.arms(mine))))
    if not found:
        return None
    said = title(found)
    each = "; ".join(f"{row.label} {ms(row.loaded)}" for row in found)
    return drawn("bystander", said, f"{said}. Medians: {each}.", lambda c: _paint(c, found))


def _rows(tables: Tables, frame: pd.DataFrame) -> Iterator[Row]:
    for name, arm in arms.frames(tables, frame):
        loaded = conditions.value(arm, LOADED, 0.5)
        if loaded is not None:
            late, rest = conditions.value(arm, LOADED, 0.9), conditions.value(arm, AT_REST, 0.5)
            yield Row(name, loaded, late, rest, int(arm["trials"].max()))


def title(found: Sequence[Row]) -> str:
    """Say beside which arm other requests wait least and most."""
    least, most = (choose(found, key=lambda row: row.loaded) for choose in (min, max))
    if most.loaded <= ALIKE * least.loaded:
        return f"Other requests are answered in about {ms(most.loaded)} beside every strategy"
    return (
        f"Other requests wait {ms(most.loaded)} beside {most.label}, {ms(least.loaded)} beside"
        f" {least.label}"
    )


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    names = [rows.marked(row.name, row.trials) for row in found]
    grid = rows.under_legend(canvas, ENTRIES, names, MARGIN)
    every = [x for row in found for x in (row.loaded, row.late, row.at_rest) if x is not None]
    low, high = scale.limits(every, 1.3, 1.3)
    grid.axes.set(xscale="log", xlim=(low, high))
    ticks = scale.logarithmic(low, high, 5 if canvas.narrow else 9)
    rows.axis(canvas, grid, ticks, "ms until /ping is answered (logarithmic)")
    for n, (y, row) in enumerate(zip(grid.ys, found, strict=True)):
        if row.at_rest is not None:
            grid.axes.plot([row.at_rest] * 2, [y - 9, y + 9], color=palette.MUTED, linewidth=3.5)
        loaded, late = min(row.loaded, high), min(row.late or row.loaded, high)
        grid.axes.plot([loaded, late], [y, y], color=palette.ANSWER, linewidth=1.3)
        marks.put(grid.axes, "answer", [(loaded, y)], 11)
        rows.say(canvas, grid, n, number(row.loaded))
