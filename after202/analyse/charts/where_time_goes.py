"""Where a job's time goes, at the median: the answer, the wait for the first start, the work.

The upper bar runs from due to answered. The lower bar runs from due to the start of the first step
(light), then to the end of the last step (solid). Each end is the p50 of its own time, over the
arm's valid trials.
"""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse import marks
from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.records.experiment import Arm, Condition

HEIGHT, APART = 0.3, 0.18
ANSWER, LIGHT = "#444444", 0.35
NEVER = "the median request was refused, or its work not done"


def draw(run: Run) -> Figure | None:
    """Draw a panel per workload and rate."""
    conditions = run.measured_conditions()
    if not conditions:
        return None
    figure = style.figure(len(run.labels()), len(conditions))
    panels = figure.subplots(len(conditions), 1, squeeze=False)[:, 0]
    for axes, condition in zip(panels, conditions, strict=True):
        _panel(axes, run, condition)
        style.plain(axes, f"{condition.label}: where the median job's time goes", "ms since due")
    style.say_marks(figure, run)
    return figure


def _panel(axes: Axes, run: Run, condition: Condition) -> None:
    arms = [arm for arm in run.arms(condition) if not arm.is_copy]
    style.rows_of(axes, [marks.label(run, arm) for arm in arms])
    colours = style.colours(run)
    for row, arm in enumerate(arms):
        answered, started, ended = (
            _median_ms(run, arm, metric) for metric in ("response", "start", "completion")
        )
        if answered is None or started is None or ended is None:
            style.say_no_trial(axes, row)
            continue
        if not math.isfinite(max(answered, ended)):
            axes.text(0.01, row, NEVER, transform=axes.get_yaxis_transform(), va="center")
            continue
        colour = colours[arm.label]
        axes.barh(row - APART, answered, HEIGHT, color=ANSWER)
        axes.barh(row + APART, started, HEIGHT, color=colour, alpha=LIGHT)
        axes.barh(row + APART, ended - started, HEIGHT, left=started, color=colour)


def _median_ms(run: Run, arm: Arm, metric: str) -> float | None:
    found = [t.quantiles_ms.get((metric, style.MEDIAN)) for t in run.of(arm)]
    values = [value for value in found if value is not None]
    return estimate(values).value if values else None
