"""What became of the accepted jobs when nothing went wrong, over all trials of comparisons."""

from collections import Counter
from collections.abc import Sequence

from after202.charts import arms, legend, marks, rows
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.classes import KINDS, counted, entries
from after202.charts.drawing import drawn
from after202.charts.tables import Tables

EXPERT = True
MARGIN, BAR = 96, 18
Row = tuple[rows.Name, Counter[str]]


def draw(tables: Tables) -> Chart | None:
    """Draw a bar per arm."""
    found = _rows(tables)
    if not found:
        return None
    said = title(found)
    each = "; ".join(f"{', '.join(filter(None, name))}: {_told(kinds)}" for name, kinds in found)
    return drawn("completion_classes", said, f"{said}. {each}.", lambda c: _paint(c, found))


def _rows(tables: Tables) -> list[Row]:
    groups: dict[rows.Name, Counter[str]] = {}
    trials = tables.run.comparisons if tables.run else ()
    for arm in arms.ordered(tables, (trial.record.trial.arm for trial in trials)):
        for trial in trials:
            if trial.record.trial.arm == arm:
                groups.setdefault(arms.name(tables, arm), Counter()).update(counted(trial.classes))
    return [(name, kinds) for name, kinds in groups.items() if kinds.total()]


def title(found: Sequence[Row]) -> str:
    """Say whether every accepted job was done once."""
    total = sum((kinds for _, kinds in found), Counter())
    other = total.total() - total["done"]
    if not other:
        return f"Without a fault, all {total.total():,} accepted jobs were done once"
    return f"Without a fault, {other:,} of {total.total():,} accepted jobs were not done once"


def _told(kinds: Counter[str]) -> str:
    return ", ".join(f"{kinds[kind]} {KINDS[kind].text}" for kind in KINDS if kinds[kind])


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    shown = entries(kinds for _, kinds in found)
    top = legend.height(canvas, shown) + 6
    canvas.size(top + rows.height(canvas, len(found)) + 6)
    legend.write(canvas, 0, shown)
    grid = rows.lay_out(canvas, [name for name, _ in found], top, margin=MARGIN)
    grid.axes.set(xlim=(0, 1), xticks=[])
    for n, (y, (_, kinds)) in enumerate(zip(grid.ys, found, strict=True)):
        left = 0.0
        for kind, look in KINDS.items():
            share = kinds[kind] / kinds.total()
            if share:
                marks.bar(grid.axes, (left, share), y, BAR, look.fill)
                left += share
        rows.say(canvas, grid, n, f"{kinds.total():,} jobs")
