"""When the client has its answer, and when the work is done: a row for each strategy.

The open circle is the median answer, the diamond the median of the work's end, both since the
request was due. Thin lines reach to their p90, where there were enough requests for one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from after202.charts import arms, conditions, legend, marks, palette, rows, scale
from after202.charts.canvas import SMALL, Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import listed, ms, number, of_one, times

PER_WORKLOAD = True
LEGEND = (Entry("answered", "answer"), Entry("work done", "later"))
HEADING, FOOT = 32, 42
MARGIN = 118
# Medians within this ratio of the soonest are named with it.
ALIKE = 1.1
FAR = 1.5


@dataclass(frozen=True)
class Row(rows.Named):
    """An arm's median answer and end of the work, and their p90 where they are known (ms)."""

    answer: float
    done: float
    late_answer: float | None = None
    late_done: float | None = None
    trials: int = 0

    @property
    def times(self) -> list[float]:
        """All of its times that are known."""
        every = (self.answer, self.done, self.late_answer, self.late_done)
        return [time for time in every if time is not None and math.isfinite(time)]


Panel = tuple[str, list[Row]]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per load of the workload that the plan names first."""
    workload = conditions.lead(tables.latency)
    found = panels(tables, workload)
    if not found:
        return None
    name = f"speed_{workload}" if tables.is_part else "speed"
    shown = main(found)
    text = f"{tables.work(workload)}: {title(shown)}"
    said = of_one(text, max(row.trials for row in shown))
    return drawn(name, said, alt(found, said), lambda canvas: _paint(canvas, found))


def panels(tables: Tables, workload: str) -> list[Panel]:
    """Return a workload's loads with their rows."""
    found = []
    latency = tables.latency[tables.latency["workload"] == workload]
    for frame in conditions.each(conditions.arms(latency)):
        mine = list(_rows(tables, frame))
        if mine:
            found.append((conditions.said(frame), mine))
    return found


def _rows(tables: Tables, frame: pd.DataFrame) -> Iterator[Row]:
    for name, arm in arms.frames(tables, frame):
        answer, done, late_answer, late_done = (
            conditions.value(arm, metric, quantile)
            for quantile in (0.5, 0.9)
            for metric in ("response", "completion")
        )
        if answer is not None and done is not None:
            trials = int(arm["trials"].max())
            yield Row(name, answer, done, late_answer, late_done, trials)


def main(found: Sequence[Panel]) -> list[Row]:
    """Return the rows of the load that shows most, which the title is of."""
    return max((mine for _, mine in found), key=lambda mine: (len(mine), mine[0].trials))


def title(found: Sequence[Row]) -> str:
    """Say who answers soonest, who last, and when the work of the soonest is done."""
    soonest, last = (choose(found, key=lambda row: row.answer) for choose in (min, max))
    if math.isinf(soonest.answer):
        return "the median request was not answered by any strategy"
    if last.answer <= ALIKE * soonest.answer:
        who = "all strategies answer" if len(found) > 1 else f"{soonest.label} answers"
        return f"{who} in about {ms(soonest.answer)}; {_ends(found)}"
    alike = [row for row in found if row.answer <= ALIKE * soonest.answer]
    verb = "answers" if len(alike) == 1 else "answer"
    return (
        f"{listed(row.label for row in alike)} {verb} soonest, in {ms(soonest.answer)};"
        f" {last.label} {_late(last.answer, soonest.answer)}"
    )


def _late(answer: float, soonest: float) -> str:
    if math.isinf(answer):
        return "does not answer the median request"
    return f"takes {ms(answer)}, {times(answer / soonest)}"


def _ends(found: Sequence[Row]) -> str:
    first, last = (choose(found, key=lambda row: row.done) for choose in (min, max))
    if last.done <= ALIKE * first.done or len(found) == 1:
        return f"the work is done after {ms(first.done)}"
    return (
        f"the work is done after {ms(first.done)} ({first.label}) to {ms(last.done)} ({last.label})"
    )


def alt(found: Sequence[Panel], said: str) -> str:
    """Return the medians of every row."""
    parts = [
        f"{load}: "
        + "; ".join(f"{r.label} answers in {ms(r.answer)}, done after {ms(r.done)}" for r in mine)
        for load, mine in found
    ]
    return f"{said}. At {'. At '.join(parts)}."


def _paint(canvas: Canvas, found: Sequence[Panel]) -> None:
    top = legend.height(canvas, LEGEND) + 2
    canvas.size(top + FOOT + sum(HEADING + rows.height(canvas, len(mine)) for _, mine in found))
    legend.write(canvas, 0, LEGEND)
    every = [time for _, mine in found for row in mine for time in row.times]
    low, high = scale.limits(every, 1.3, 1.3)
    ticks = scale.logarithmic(low, high, 5 if canvas.narrow else 9)
    for number_of, (load, mine) in enumerate(found):
        canvas.text(2, top + 20, f"{load}", size=SMALL, color=palette.MUTED)
        if number_of == 0:
            _head(canvas, top + 20)
        top += HEADING
        grid = rows.lay_out(
            canvas, [rows.marked(row.name, row.trials) for row in mine], top, margin=MARGIN
        )
        grid.axes.set(xscale="log", xlim=(low, high))
        last = number_of == len(found) - 1
        rows.axis(canvas, grid, ticks, "ms since the request was due (logarithmic)" if last else "")
        grid.axes.tick_params(labelbottom=last)
        for y, row in zip(grid.ys, mine, strict=True):
            _mark(canvas, grid.axes, y, row, high)
            _say(canvas, grid.top + y, row)
        top = grid.bottom


def _head(canvas: Canvas, y: float) -> None:
    if not canvas.narrow:
        canvas.text(
            canvas.width - 4, y, "answered / done, ms", size=SMALL, color=palette.MUTED, ha="right"
        )


def _say(canvas: Canvas, y: float, row: Row) -> None:
    text = f"{number(row.answer)} / {number(row.done)}"
    down = -15 if canvas.narrow else 4.5
    canvas.text(canvas.width - 4, y + down, text, ha="right")


def _mark(canvas: Canvas, axes: Axes, y: float, row: Row, high: float) -> None:
    answer, done = (min(time, high) for time in (row.answer, row.done))
    axes.plot([answer, done], [y, y], color=palette.RULE, linewidth=3, zorder=2)
    for late, start, colour in (
        (row.late_answer, answer, palette.ANSWER),
        (row.late_done, done, palette.INK),
    ):
        if late is not None:
            end = min(late, high)
            axes.plot([start, end], [y, y], color=colour, linewidth=1.3, zorder=3)
            axes.plot([end, end], [y - 4, y + 4], color=colour, linewidth=1.3, zorder=3)
    together = done / answer < FAR if answer else False
    if math.isfinite(row.done):
        tip = f"{row.label}: done after {ms(row.done)}"
        canvas.tip(marks.put(axes, "later", [(done, y)], 6 if together else 9, zorder=5), tip)
    if math.isfinite(row.answer):
        tip = f"{row.label}: answered in {ms(row.answer)}"
        canvas.tip(marks.put(axes, "answer", [(answer, y)], 12), tip)
