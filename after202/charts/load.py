"""Up to which load a strategy keeps its level of service, and where one core would be full.

The dot is the measured capacity, with its 95 % interval; an arrow stands where the search found
only a rate that was kept. The upright line is an estimate: 1,000 ms, divided by the CPU time that
a job takes on the shared core.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from after202.charts import arms, conditions, marks, palette, rows, scale
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import number, times
from after202.records.experiment import Layout

TOTAL = "total"
MARGIN = 112
ALIKE = 1.15
UNIT = "jobs per second (logarithmic)"


@dataclass(frozen=True)
class Row(rows.Named):
    """An arm's limits in jobs per second; None for what is not known."""

    measured: float | None = None
    interval: tuple[float, float] | None = None
    kept: float | None = None
    estimate: float | None = None

    @property
    def limits(self) -> list[float]:
        """All that is drawn."""
        every = (self.measured, *(self.interval or ()), self.kept, self.estimate)
        return [value for value in every if value is not None]

    @property
    def told(self) -> str:
        """Its limit in words."""
        if self.measured is not None:
            return f"{number(self.measured)} per s"
        if self.kept is not None:
            return f"over {number(self.kept)} per s"
        return f"about {number(self.estimate or 0)} per s"


def draw(tables: Tables) -> Chart | None:
    """Draw a row per arm."""
    workload = _workload(tables)
    found = [row for row in _rows(tables, workload) if row.limits]
    if not found:
        return None
    said = f"{tables.work(workload)}: {title(found)}"
    return drawn("load", said, alt(found, said), lambda canvas: _paint(canvas, found))


def _workload(tables: Tables) -> str:
    if len(tables.capacity):
        return str(tables.capacity["workload"].iloc[0])
    frame = conditions.fullest(conditions.arms(_shared(tables)))
    return str(frame["workload"].iloc[0]) if len(frame) else ""


def _shared(tables: Tables) -> pd.DataFrame:
    """Return what arms used where one core was shared by all."""
    mine = tables.resources[tables.resources["role"] == TOTAL]
    return mine[(mine["layout"] == Layout.SHARED_CORE) & (mine["api_processes"] == 1)]


def _rows(tables: Tables, workload: str) -> Iterator[Row]:
    capacity = tables.capacity[tables.capacity["workload"] == workload]
    used = conditions.arms(_shared(tables))
    used = conditions.fullest(used[used["workload"] == workload])
    measured, taken = (dict(arms.frames(tables, frame)) for frame in (capacity, used))
    order = pd.concat([one[["strategy", "variant"]] for one in (capacity, used)])
    for name, _ in arms.frames(tables, order):
        estimate = _estimate(taken[name].iloc[0]) if name in taken else None
        row = Row(name, estimate=estimate)
        yield _with_limits(row, measured[name].iloc[0]) if name in measured else row


def _estimate(used: pd.Series) -> float | None:
    """Return how many jobs per second fill one core."""
    cpu_ms = float(used["cpu_s_per_1000_jobs"])
    return 1000 / cpu_ms if 0 < cpu_ms < math.inf else None


def _with_limits(row: Row, found: pd.Series) -> Row:
    half, low, high, kept = (
        float(found[name]) if pd.notna(found[name]) else None
        for name in ("estimate_per_s", "low_per_s", "high_per_s", "kept_per_s")
    )
    interval = (low, high) if low is not None and high is not None else None
    return replace(row, measured=half, interval=interval, kept=kept)


def title(found: Sequence[Row]) -> str:
    """Say which arm reaches its limit first, and which last."""
    measured = [row for row in found if row.measured is not None]
    if not measured:
        return _estimated([row for row in found if row.estimate], found)
    first, last = (choose(measured, key=lambda row: row.measured or 0) for choose in (min, max))
    low, high = first.measured or 0, last.measured or 0
    if high <= ALIKE * low:
        who = "every strategy keeps" if len(measured) > 1 else f"{first.label} keeps"
        return f"{who} its level of service up to about {number(low)} jobs a second"
    return (
        f"{first.label} reaches its limit first, at {number(low)} jobs a second;"
        f" {last.label} keeps up to {number(high)}, {times(high / low)}"
    )


def _estimated(known: Sequence[Row], found: Sequence[Row]) -> str:
    if not known:
        return f"no limit was reached; {found[0].label} keeps {found[0].told}"
    first, last = (choose(known, key=lambda row: row.estimate or 0) for choose in (min, max))
    low, high = first.estimate or 0, last.estimate or 0
    if high <= ALIKE * low:
        who = "every strategy" if len(known) > 1 else first.label
        return f"by CPU time, {who} fills one core at about {number(low)} jobs a second"
    return (
        f"by CPU time, {first.label} fills one core at about {number(low)} jobs a second,"
        f" {last.label} at {number(high)}"
    )


def alt(found: Sequence[Row], said: str) -> str:
    """Return every limit, with its interval."""
    return f"{said}. " + "; ".join(map(_sentence, found)) + "."


def _sentence(row: Row) -> str:
    between = ""
    if row.interval:
        between = f" ({number(row.interval[0])} to {number(row.interval[1])})"
    core = f", one core full at about {number(row.estimate)}" if row.estimate else ""
    return f"{row.label}: {row.told}{between}{core}"


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    entries = [Entry("measured capacity", "later")] if any(r.measured for r in found) else []
    entries += [Entry("kept, limit unknown", "other")] if any(_only_kept(r) for r in found) else []
    entries += [Entry("one core full (estimate)", colour=palette.MUTED)]
    grid = rows.under_legend(canvas, entries, [row.name for row in found], MARGIN)
    low, high = scale.limits([value for row in found for value in row.limits], 1.5, 1.3)
    grid.axes.set(xscale="log", xlim=(low, high))
    rows.axis(canvas, grid, scale.logarithmic(low, high, 5 if canvas.narrow else 9), UNIT)
    for n, (y, row) in enumerate(zip(grid.ys, found, strict=True)):
        _mark(canvas, grid, y, row)
        rows.say(canvas, grid, n, row.told)


def _only_kept(row: Row) -> bool:
    return row.measured is None and row.kept is not None


def _mark(canvas: Canvas, grid: rows.Grid, y: float, row: Row) -> None:
    axes = grid.axes
    if row.estimate:
        axes.plot([row.estimate] * 2, [y - 9, y + 9], color=palette.MUTED, linewidth=3.5, zorder=3)
    if row.interval:
        axes.plot(row.interval, [y, y], color=palette.INK, linewidth=2, zorder=3, clip_on=True)
    if row.measured is not None:
        canvas.tip(marks.put(axes, "later", [(row.measured, y)], 10), _sentence(row))
    elif row.kept is not None:
        canvas.tip(marks.put(axes, "other", [(row.kept, y)], 10), _sentence(row))
