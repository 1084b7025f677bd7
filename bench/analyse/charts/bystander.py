"""What the work does to others: response times of an endpoint that does none, meanwhile.

Filled: p50. Open: p90. A dot per trial.
"""

from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run
from bench.model import Arm

METRIC = "bystander_response"


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and rate."""
    conditions = [c for c in run.measured_conditions() if any(_has(run, a) for a in run.arms(c))]
    if not conditions:
        return None
    figure = style.figure(len(run.labels()), len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for axes, condition in zip(panels, conditions, strict=True):
        style.logarithmic(axes, style.draw_arms(axes, run, condition, METRIC))
        style.plain(axes, f"{condition.label}: response time of /ping", "ms")
    return figure


def _has(run: Run, arm: Arm) -> bool:
    return any((METRIC, style.MEDIAN) in trial.quantiles_ms for trial in run.of(arm))
