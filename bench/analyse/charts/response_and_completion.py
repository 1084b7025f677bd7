"""How long the client waits, and how long it takes until the work is done.

Filled: p50. Open: p90. A dot per trial, a bar for the 95 % interval (from six trials on). A
background strategy answers at once because the work is still to be done.
"""

from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run

METRICS = {
    "response": "response time (due to answered)",
    "completion": "completion time (due to last step ended)",
}


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload, both on one scale."""
    workloads = [w for w in run.workloads() if any(run.of(label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(len(run.labels()), len(workloads))
    grid = figure.subplots(len(workloads), len(METRICS), squeeze=False, sharey="row", sharex="row")
    for panels, workload in zip(grid, workloads, strict=True):
        rate = next(t.arm.rate_per_s for t in run.record.planned if t.arm.workload == workload)
        drawn: list[float] = []
        for axes, (metric, title) in zip(panels, METRICS.items(), strict=True):
            drawn += style.draw_arms(axes, run, workload, metric)
            style.plain(axes, f"{workload} at {rate:g}/s:\n{title}", "ms")
        for axes in panels:
            style.logarithmic(axes, drawn)
    return figure
