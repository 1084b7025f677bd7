"""What a job costs: CPU time per job that was done, and the peak of memory, by role.

Estimates over the valid trials, for the load that most strategies met. Memory is the proportional
set size, which divides shared pages among their sharers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from after202.charts import arms, conditions, legend, marks, palette, rows, scale
from after202.charts.canvas import SMALL, Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import mib, ms, of_one, opening, times

ROLES = (
    ("api", palette.INK, False, "API"),
    ("worker", palette.MUTED, False, "worker"),
    ("broker", palette.MUTED, True, "broker"),
)
HEADING, FOOT, BAR, MARGIN = 28, 26, 18, 78
ALIKE = 1.1
Used = dict[str, float]


@dataclass(frozen=True)
class Row(rows.Named):
    """What an arm used, by role: ms of CPU time per job, and bytes."""

    cpu_ms: Used
    memory: Used
    trials: int = 0

    def total(self, what: str) -> float:
        """Return the sum over roles."""
        used: Used = getattr(self, what)
        return sum(used.values())


def draw(tables: Tables) -> Chart | None:
    """Draw a panel of CPU time and one of memory."""
    frame = conditions.fullest(conditions.arms(tables.resources))
    found = list(_rows(tables, frame))
    if not found:
        return None
    said = of_one(title(found), max(row.trials for row in found))
    load = f"{tables.work(str(frame['workload'].iloc[0]))}, {conditions.said(frame)}"
    text = alt(found, said, load)
    return drawn("cost", said, text, lambda canvas: _paint(canvas, found, load))


def _rows(tables: Tables, frame: pd.DataFrame) -> Iterator[Row]:
    for name, arm in arms.frames(tables, frame):
        by_role = arm.set_index("role")
        roles = [role for role, *_ in ROLES if role in by_role.index]
        cpu = {role: float(by_role["cpu_s_per_1000_jobs"][role]) for role in roles}
        if np.isfinite(list(cpu.values())).all() and roles:
            memory = {role: float(by_role["peak_memory_bytes"][role]) for role in roles}
            yield Row(name, cpu, memory, int(arm["trials"].max()))


def title(found: Sequence[Row]) -> str:
    """Say which arm costs least and which most, in CPU time and in memory."""
    said = f"{_most(found, 'cpu_ms', 'CPU time')}; {_most(found, 'memory', 'memory')}"
    return opening(said)


def _most(found: Sequence[Row], what: str, word: str) -> str:
    shown = ms if what == "cpu_ms" else mib
    least, most = (choose(found, key=lambda row: row.total(what)) for choose in (min, max))
    low, high = least.total(what), most.total(what)
    unit = " a job" if what == "cpu_ms" else ""
    if high <= ALIKE * low:
        who = "all take" if len(found) > 1 else f"{least.label} takes"
        return f"{who} about {shown(low)} of {word}{unit}"
    return (
        f"{most.label} takes {shown(high)} of {word}{unit}, {times(high / low)} the"
        f" {shown(low)} of {least.label}"
    )


def alt(found: Sequence[Row], said: str, load: str) -> str:
    """Return both totals of every row."""
    each = (
        f"{row.label} {ms(row.total('cpu_ms'))} of CPU time a job and {mib(row.total('memory'))}"
        for row in found
    )
    return f"{said}. {load}: {'; '.join(each)}."


def _paint(canvas: Canvas, found: Sequence[Row], load: str) -> None:
    there = {role for row in found for role in row.cpu_ms}
    entries = [Entry(text, colour=c, hatched=h) for role, c, h, text in ROLES if role in there]
    top = legend.height(canvas, entries) + 2
    tall = HEADING + rows.height(canvas, len(found))
    canvas.size(top + 2 * tall + FOOT)
    legend.write(canvas, 0, entries)
    for what, heading in (("cpu_ms", "CPU time per job"), ("memory", "Memory, peak")):
        canvas.text(2, top + 19, heading, weight="bold")
        _panel(canvas, found, what, top + HEADING)
        top += tall
    canvas.text(canvas.width - 4, top + 16, load, size=SMALL, color=palette.MUTED, ha="right")


def _panel(canvas: Canvas, found: Sequence[Row], what: str, top: float) -> None:
    shown = ms if what == "cpu_ms" else mib
    names = [rows.marked(row.name, row.trials) for row in found]
    grid = rows.lay_out(canvas, names, top, margin=MARGIN)
    most = max(row.total(what) for row in found) or 1
    grid.axes.set(xlim=(0, most))
    for tick in scale.linear(most, 5):
        grid.axes.axvline(tick, color=palette.RULE, linewidth=1, zorder=1)
    grid.axes.set_xticks([])
    for number, (y, row) in enumerate(zip(grid.ys, found, strict=True)):
        left = 0.0
        for role, colour, hatched, text in ROLES:
            used = getattr(row, what).get(role, 0.0)
            if used:
                patch = marks.bar(grid.axes, (left, used), y, BAR, (colour, hatched))
                canvas.tip(patch, f"{row.label}, {text}: {shown(used)}")
                left += used
        across, _ = canvas.at(grid.axes, left, y)
        if canvas.narrow:
            canvas.text(canvas.width - 4, grid.above(number), shown(left), ha="right")
        else:
            canvas.text(across + 7, grid.top + y + 4.5, shown(left), weight="bold")
