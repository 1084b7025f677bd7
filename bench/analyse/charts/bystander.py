"""What the work does to others: response times of an endpoint that does none, meanwhile.

Filled: p50. Open: p90. A dot per trial.
"""

from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run

METRIC = "bystander_response"


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload."""
    workloads = [w for w in run.workloads() if any(_has(run, label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(len(run.labels()), len(workloads))
    panels = figure.subplots(len(workloads), 1, squeeze=False)[:, 0]
    for axes, workload in zip(panels, workloads, strict=True):
        style.logarithmic(axes, style.draw_arms(axes, run, workload, METRIC))
        style.plain(axes, f"{workload}: response time of /ping", "ms")
    return figure


def _has(run: Run, label: str, workload: str) -> bool:
    return any((METRIC, style.MEDIAN) in trial.quantiles_ms for trial in run.of(label, workload))
