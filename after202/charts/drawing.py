"""A chart from what paints it: once for each width of page, and once to be shared."""

from collections.abc import Callable

import matplotlib as mpl
from matplotlib.figure import Figure

from after202.charts import svg
from after202.charts.canvas import NARROW, STYLE, WIDE, Canvas
from after202.charts.chart import Chart

Paint = Callable[[Canvas], None]


def drawn(name: str, title: str, alt: str, paint: Paint, *, expert: bool = False) -> Chart:
    """Return the chart that `paint` draws on any canvas."""
    # Settings of matplotlib are the process's own: they are as before when the chart is drawn.
    with mpl.rc_context(STYLE):
        wide, narrow = (
            svg.for_page(*_painted(Canvas(width), paint, f"{name}-{page}", alt))
            for page, width in (("wide", WIDE), ("narrow", NARROW))
        )
        shared = Canvas(WIDE, title)
        paint(shared)
        alone = svg.alone(finished(shared.figure), alt)
        png = svg.png(shared.figure)
    return Chart(name, title, alt, wide, narrow, expert, shared_svg=alone, png=png)


def _painted(
    canvas: Canvas, paint: Paint, name: str, alt: str
) -> tuple[Figure, str, str, dict[str, str]]:
    canvas.figure.set_facecolor("none")
    paint(canvas)
    return finished(canvas.figure), name, alt, canvas.tips


def finished(figure: Figure) -> Figure:
    """Return a figure on which nothing will be drawn any more; tests look at it here."""
    return figure
