"""How long the client waits for the answer, and how long until the work is done.

Filled circles are the p50, open circles the p90 (of trials with at least 30 requests). Small dots
are single trials, bars 95 % intervals (from six trials on). A background strategy
answers quickly because the work is still to be done.
"""

from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run

METRICS = {
    "response": "response time (due to answered)",
    "completion": "completion time (due to last step ended)",
}


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload and rate, both on one scale."""
    conditions = run.measured_conditions()
    if not conditions:
        return None
    figure = style.figure(len(run.labels()), len(conditions))
    grid = figure.subplots(len(conditions), len(METRICS), squeeze=False, sharey="row", sharex="row")
    for panels, condition in zip(grid, conditions, strict=True):
        drawn: list[float] = []
        for axes, (metric, title) in zip(panels, METRICS.items(), strict=True):
            drawn += style.draw_arms(axes, run, condition, metric)
            style.plain(axes, f"{condition.label}:\n{title}", "ms")
        for axes in panels:
            style.logarithmic(axes, drawn)
    style.say_marks(figure, run)
    return figure
