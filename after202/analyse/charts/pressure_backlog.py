"""Who waits behind a backlog: how long each later job waited for its start, by when it was due.

Each mark is one job of every trial. A strategy that works in the order of arrival falls along a
line, because later jobs have less ahead of them. Jobs that never started are drawn at the top edge.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.pressure import PressureSummary

PANEL_HEIGHT = 3.4
MARKERS = "os^Dv*P"
MILLISECONDS = 1000
NEVER = 1.02


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and what is ahead of it."""
    groups = style.pressures(run, "backlog")
    if not groups:
        return None
    figure = style.figure(0, height=PANEL_HEIGHT * len(groups) + 0.5)
    grid = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
    for axes, (title, found) in zip(grid, groups.items(), strict=True):
        _panel(axes, found)
        style.plain(axes, title, "due, s since the backlog began to arrive")
        axes.set_ylabel("waited for its start, ms")
    style.legend_of(figure, [one for found in groups.values() for one in found], MARKERS)
    return figure


def _panel(axes: Axes, found: list[PressureSummary]) -> None:
    labels = sorted({one.planned.arm.label for one in found})
    colours = style.colours_of(labels)
    drawn: list[float] = []
    for one in found:
        label = one.planned.arm.label
        due, waited = np.array(one.curves.waits_s).reshape(-1, 2).T
        marker = MARKERS[labels.index(label) % len(MARKERS)]
        look: dict[str, Any] = {
            "color": colours[label],
            "marker": marker,
            "s": 16,
            "alpha": 0.6,
            "linewidths": 0,
        }
        started = np.isfinite(waited)
        waited_ms = np.where(started, waited, 0) * MILLISECONDS
        drawn += waited_ms[started].tolist()
        axes.scatter(due[started], waited_ms[started], **look)
        top = np.full((~started).sum(), NEVER)
        axes.scatter(
            due[~started], top, transform=axes.get_xaxis_transform(), clip_on=False, **look
        )
    style.logarithmic(axes, drawn, vertical=True)
