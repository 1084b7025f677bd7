"""How the work affects other requests: response times of an endpoint that does no work.

Filled circles are the p50 under load, open circles the p90 (of trials with
at least 30 requests). Small dots are single trials, bars 95 %
intervals (from six trials on). A grey line marks the p50 before the load, if it was measured.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.records.experiment import Arm, Condition

METRIC, AT_REST = "bystander_response", "bystander_at_rest"


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and rate."""
    conditions = [c for c in run.measured_conditions() if any(_has(run, a) for a in run.arms(c))]
    if not conditions:
        return None
    figure = style.figure(len(run.labels()), len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for axes, condition in zip(panels, conditions, strict=True):
        style.logarithmic(axes, style.draw_arms(axes, run, condition, METRIC))
        _draw_rest(axes, run, condition)
        style.plain(axes, f"{condition.label}: response time of /ping", "ms")
    style.say_marks(figure, run)
    return figure


def _draw_rest(axes: Axes, run: Run, condition: Condition) -> None:
    """Mark each arm's p50 at rest."""
    for row, arm in enumerate(run.arms(condition)):
        found = [t.quantiles_ms.get((AT_REST, style.MEDIAN)) for t in run.of(arm)]
        values = [value for value in found if value is not None]
        if values:
            at_rest_ms = estimate(values).value
            axes.plot([at_rest_ms, at_rest_ms], [row - 0.35, row + 0.35], color="#7A7A7A")


def _has(run: Run, arm: Arm) -> bool:
    return any((METRIC, style.MEDIAN) in trial.quantiles_ms for trial in run.of(arm))
