"""What the work does to others: response times of an endpoint that does none, meanwhile.

Filled: p50. Open: p90. A dot per trial.
"""

from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run

METRIC = "bystander_response"
MEDIAN, HIGH = 0.5, 0.9
APART = 0.17


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload."""
    workloads = [w for w in run.workloads() if any(_has(run, label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(len(run.labels()), len(workloads))
    panels = figure.subplots(len(workloads), 1, squeeze=False)[:, 0]
    for axes, workload in zip(panels, workloads, strict=True):
        labels, colours = run.labels(workload), style.colours(run)
        style.rows_of(axes, labels)
        everything: list[float] = []
        for row, label in enumerate(labels):
            for quantile, shift in ((MEDIAN, -APART), (HIGH, APART)):
                found = [t.quantiles_ms.get((METRIC, quantile)) for t in run.of(label, workload)]
                values = [value for value in found if value is not None]
                everything += values
                filled = quantile == MEDIAN
                style.draw_estimate(axes, row + shift, values, colours[label], filled=filled)
        style.logarithmic(axes, everything)
        style.plain(axes, f"{workload}: response time of /ping", "ms")
    return figure


def _has(run: Run, label: str, workload: str) -> bool:
    return any((METRIC, MEDIAN) in trial.quantiles_ms for trial in run.of(label, workload))
