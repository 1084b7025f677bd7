"""Many requests within a moment: when they were answered, and when their jobs were done.

Each line is one trial. It ends below 100 % if requests were refused or not answered, or if accepted
jobs were not done. The left panel counts from each request's due time, the right one from the start
of the burst.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run

PANEL_HEIGHT = 3.2
MILLISECONDS = 1000


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload and size."""
    groups = style.pressures(run, "burst")
    if not groups:
        return None
    figure = style.figure(0, height=PANEL_HEIGHT * len(groups) + 0.5)
    grid = figure.subplots(len(groups), 2, squeeze=False, sharey=True)
    for (answers, jobs), (title, found) in zip(grid, groups.items(), strict=True):
        colours = style.colours_of([one.planned.arm.label for one in found])
        for one in found:
            colour = colours[one.planned.arm.label]
            in_ms = [MILLISECONDS * time_s for time_s in one.curves.answered_s]
            _line(answers, in_ms, colour)
            _line(jobs, one.curves.done_s, colour)
        answered = [MILLISECONDS * t for one in found for t in _ended(one.curves.answered_s)]
        style.logarithmic(answers, answered)
        style.logarithmic(jobs, [t for one in found for t in _ended(one.curves.done_s)])
        style.plain(answers, f"{title}: answered", "ms since due")
        style.plain(jobs, "done", "s since the burst began")
        answers.set_ylabel("% of the requests")
    style.legend_of(figure, [one for found in groups.values() for one in found])
    return figure


def _line(axes: Axes, times: Sequence[float], colour: str) -> None:
    ended = _ended(times)
    share = np.arange(1, len(ended) + 1) / max(len(times), 1) * 100
    axes.step(ended, share, where="post", color=colour, linewidth=1.4, alpha=0.8)


def _ended(times: Sequence[float]) -> list[float]:
    return [time for time in times if np.isfinite(time)]
