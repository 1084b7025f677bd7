"""A row per strategy: its name beside the row on a wide page, above it on a narrow one."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from after202.analyse.marks import IN_WORDS
from after202.charts import legend, palette
from after202.charts.canvas import SMALL, Canvas
from after202.charts.legend import Entry
from after202.charts.wording import variant

GAP, EDGE, AXIS = 12, 8, 42
WIDE_ROW, NARROW_ROW, BELOW_NAME = 34, 46, 31
Name = tuple[str, str]


@dataclass(frozen=True)
class Named:
    """What has a row: its name is a strategy's label, and what is to be said of the variant."""

    name: Name

    @property
    def label(self) -> str:
        """The name on one line."""
        return ", ".join(filter(None, self.name))


@dataclass(frozen=True)
class Grid:
    """Axes whose y is in pixels from their top, with the middle of each row."""

    axes: Axes
    left: float
    right: float
    top: float
    ys: tuple[float, ...]
    bottom: float

    def above(self, row: int) -> float:
        """Return the baseline of the text above a row of a narrow page, in pixels of the canvas."""
        return self.top + self.ys[row] - 15


def named(label: str, of_variant: str) -> Name:
    """Return the name of a row: a strategy, and its variant unless that is the default."""
    said = variant(of_variant)
    return label, "" if said == "default" else said


def marked(name: Name, trials: int) -> Name:
    """Return a row's name with a mark if its figures come from one trial, which is no estimate."""
    label, note = name
    return (label, ", ".join(filter(None, (note, IN_WORDS)))) if trials == 1 else name


def height(canvas: Canvas, count: int) -> float:
    """Return how tall so many rows are."""
    return count * (NARROW_ROW if canvas.narrow else WIDE_ROW)


def lay_out(
    canvas: Canvas, names: Sequence[Name], top: float, *, margin: float, narrow_margin: float = EDGE
) -> Grid:
    """Return axes for named rows; `margin` is kept free on the right, for what is said there."""
    tall = height(canvas, len(names))
    first = EDGE + 4 if canvas.narrow else _left(canvas, names)
    right = canvas.width - (narrow_margin if canvas.narrow else margin)
    axes = canvas.axes(first, top, right, top + tall)
    axes.set_ylim(tall, 0)
    axes.yaxis.set_major_locator(NullLocator())
    each = tall / max(len(names), 1)
    ys = tuple(each * n + (BELOW_NAME if canvas.narrow else each / 2) for n in range(len(names)))
    grid = Grid(axes, first, right, top, ys, top + tall)
    for name, y in zip(names, ys, strict=True):
        _write(canvas, grid, name, y)
    return grid


def under_legend(
    canvas: Canvas, entries: Sequence[Entry], names: Sequence[Name], margin: float
) -> Grid:
    """Make room for a legend, rows and an axis; write the legend and return the rows' axes."""
    top = legend.height(canvas, entries) + 6
    canvas.size(top + height(canvas, len(names)) + AXIS)
    legend.write(canvas, 0, entries)
    return lay_out(canvas, names, top, margin=margin)


def say(canvas: Canvas, grid: Grid, row: int, text: str) -> None:
    """Write a row's figure on its right; on a narrow page, above it."""
    at = grid.above(row) if canvas.narrow else grid.top + grid.ys[row] + 4.5
    canvas.text(canvas.width - 4, at, text, ha="right")


def _left(canvas: Canvas, names: Sequence[Name]) -> float:
    widest = canvas.wide_as([label for label, _ in names], weight="bold")
    return max(widest, canvas.wide_as([note for _, note in names], SMALL)) + GAP + 2


def _write(canvas: Canvas, grid: Grid, name: Name, y: float) -> None:
    label, note = name
    at = grid.top + y
    if canvas.narrow:
        canvas.text(2, at - 15, f"{label}, {note}" if note else label, weight="bold")
        return
    look = {"ha": "right"}
    canvas.text(grid.left - GAP, at + (-1 if note else 4.5), label, weight="bold", **look)
    if note:
        canvas.text(grid.left - GAP, at + 13, note, size=SMALL, color=palette.MUTED, **look)


def axis(canvas: Canvas, grid: Grid, ticks: Sequence[float], unit: str, form: str = "{:g}") -> None:
    """Rule the axes at some values, and write these and the unit below."""
    grid.axes.xaxis.set_major_locator(FixedLocator(list(ticks)))
    grid.axes.xaxis.set_minor_locator(NullLocator())
    grid.axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: form.format(value)))
    grid.axes.grid(axis="x", color=palette.RULE, linewidth=1)
    if unit:
        canvas.text(
            canvas.width - EDGE, grid.bottom + 33, unit, size=SMALL, color=palette.MUTED, ha="right"
        )
