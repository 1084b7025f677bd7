"""How long the client waits, and how long it takes until the work is done.

Filled: p50. Open: p90. A dot per trial, a bar for the 95 % interval (from six trials on). A
background strategy answers at once because the work is still to be done.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run

METRICS = {
    "response": "Response time (due to answered)",
    "completion": "Completion time (due to last step ended)",
}
MEDIAN, HIGH = 0.5, 0.9
APART = 0.17


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload."""
    workloads = [w for w in run.workloads() if any(run.of(label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(len(run.labels()), len(workloads))
    grid = figure.subplots(len(workloads), len(METRICS), squeeze=False, sharey="row")
    for row, workload in zip(grid, workloads, strict=True):
        for axes, (metric, title) in zip(row, METRICS.items(), strict=True):
            _panel(axes, run, workload, metric)
            rate = next(t.arm.rate_per_s for t in run.record.planned if t.arm.workload == workload)
            style.plain(axes, f"{workload}, {rate:g}/s\n{title}", "ms")
    return figure


def _panel(axes: Axes, run: Run, workload: str, metric: str) -> None:
    labels, colours = run.labels(workload), style.colours(run)
    style.rows_of(axes, labels)
    everything: list[float] = []
    for row, label in enumerate(labels):
        for quantile, shift in ((MEDIAN, -APART), (HIGH, APART)):
            found = [t.quantiles_ms.get((metric, quantile)) for t in run.of(label, workload)]
            values = [value for value in found if value is not None]
            everything += values
            style.draw_estimate(
                axes, row + shift, values, colours[label], filled=quantile == MEDIAN
            )
    style.logarithmic(axes, everything)
