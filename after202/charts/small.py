"""Small multiples: a panel for each arm, three to a line on a wide page, one on a narrow one."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from after202.charts import legend, palette
from after202.charts.canvas import SMALL, Canvas
from after202.charts.legend import Entry

COLUMNS, LEFT, BETWEEN = 3, 46, 14
HEAD, TALL, FOOT, UNIT = 26, 104, 22, 22
MOST_TICKS = 4


def panels(
    canvas: Canvas,
    titles: Sequence[str],
    unit: str,
    entries: Sequence[Entry] = (),
    columns: int = COLUMNS,
) -> list[Axes]:
    """Return axes with a title each, below a legend; `unit` is written once, below all."""
    columns = 1 if canvas.narrow else columns
    lines = -(-len(titles) // columns)
    top = legend.height(canvas, entries)
    canvas.size(top + lines * (HEAD + TALL + FOOT) + UNIT)
    legend.write(canvas, 0, entries)
    wide = (canvas.width - 6) / columns
    found = []
    for number, title in enumerate(titles):
        line, column = divmod(number, columns)
        left, upper = wide * column, top + line * (HEAD + TALL + FOOT)
        canvas.text(left + 2, upper + 17, _short(canvas, title, wide), weight="bold", size=SMALL)
        axes = canvas.axes(left + LEFT, upper + HEAD, left + wide - BETWEEN, upper + HEAD + TALL)
        axes.grid(color=palette.RULE, linewidth=1)
        axes.tick_params(labelsize=11)
        found.append(axes)
    y = top + lines * (HEAD + TALL + FOOT) + 14
    canvas.text(canvas.width - 8, y, unit, size=SMALL, color=palette.MUTED, ha="right")
    return found


def _short(canvas: Canvas, title: str, wide: float) -> str:
    """Return a title that fits its panel."""
    while canvas.wide_as([title], SMALL, "bold") > wide - 8:
        title = title.rstrip("\N{HORIZONTAL ELLIPSIS}")[:-1] + "\N{HORIZONTAL ELLIPSIS}"
    return title


def ticks(axes: Axes, across: Sequence[float], up: Sequence[float]) -> None:
    """Rule panels at these values alone."""
    for axis, values in ((axes.xaxis, across), (axes.yaxis, up)):
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())
        axis.set_ticks(list(values), [f"{value + 0.0:g}" for value in values])
