"""The distribution of completion times: the share of jobs done by each time (valid trials)."""

import math

import numpy as np
from matplotlib.figure import Figure

from after202.analyse import marks
from after202.analyse.charts import style
from after202.analyse.run import Run

PANEL_HEIGHT = 2.6


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and rate, a line per strategy."""
    conditions = run.measured_conditions()
    if not conditions:
        return None
    colours = style.colours(run)
    figure = style.figure(0, height=PANEL_HEIGHT * len(conditions) + 0.5)
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for axes, condition in zip(panels, conditions, strict=True):
        everything: list[float] = []
        for arm in run.arms(condition):
            times = sorted(ms for trial in run.of(arm) for ms in trial.completion_ms)
            ended = [ms for ms in times if math.isfinite(ms)]
            if ended and not arm.is_copy:
                everything += ended
                share = np.arange(1, len(ended) + 1) / len(times) * 100
                name = marks.label(run, arm)
                axes.step(ended, share, where="post", color=colours[arm.label], label=name)
        style.plain(axes, f"{condition.label}: completion time", "ms")
        axes.set_ylabel("% of the requests' jobs")
        style.logarithmic(axes, everything)
        if everything:
            axes.legend(frameon=False, fontsize=8, loc="lower right")
    style.say_marks(figure, run)
    return figure
