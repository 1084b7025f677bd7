"""How completion times are spread: the share of jobs done by then, over all valid trials."""

import numpy as np
from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run

PANEL_HEIGHT = 2.6
COPY = "#"


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload, a line per strategy."""
    workloads = [w for w in run.workloads() if any(run.of(label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(0, height=PANEL_HEIGHT * len(workloads) + 0.5)
    panels = figure.subplots(len(workloads), 1, squeeze=False)[:, 0]
    for axes, workload in zip(panels, workloads, strict=True):
        everything: list[float] = []
        for label, colour in style.colours(run).items():
            times = [ms for trial in run.of(label, workload) for ms in trial.completion_ms]
            if times and COPY not in label:
                everything += times
                share = np.arange(1, len(times) + 1) / len(times) * 100
                axes.step(sorted(times), share, where="post", color=colour, label=label)
        style.plain(axes, f"{workload}: completion time", "ms")
        axes.set_ylabel("% of jobs")
        style.logarithmic(axes, everything)
        axes.legend(frameon=False, fontsize=8, loc="lower right")
    return figure
