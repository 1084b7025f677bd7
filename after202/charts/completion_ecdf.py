"""The distribution of completion times: the share of jobs done by each time, over valid trials.

A panel for each strategy, for the load that most strategies met. A line that ends below 100 % is of
work that was not done.
"""

import math
from collections.abc import Sequence

import numpy as np

from after202.analyse.run import Run
from after202.charts import arms, palette, rows, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.tables import Tables
from after202.charts.wording import number, times
from after202.records.experiment import Arm

EXPERT = True
Row = tuple[str, list[float]]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    found = _rows(tables)
    if not found:
        return None
    said = title(found)
    each = "; ".join(
        f"{label} {number(_quantile(ms, 0.5))} and {number(_quantile(ms, 0.9))}"
        for label, ms in found
    )
    text = f"{said}. Half and nine tenths of the work done after, in ms: {each}."
    return drawn("completion_ecdf", said, text, lambda canvas: _paint(canvas, found))


def _rows(tables: Tables) -> list[Row]:
    run = tables.run
    if run is None or not run.measured_conditions():
        return []
    condition = max(run.measured_conditions(), key=lambda one: len(run.arms(one)))
    found = [
        (
            _label(tables, run, arm),
            sorted(ms for trial in run.of(arm) for ms in trial.completion_ms),
        )
        for arm in arms.ordered(tables, run.arms(condition))
    ]
    return [(label, ms) for label, ms in found if any(map(math.isfinite, ms))]


def _label(tables: Tables, run: Run, arm: Arm) -> str:
    return ", ".join(filter(None, rows.marked(arms.name(tables, arm), len(run.of(arm)))))


def _quantile(ms: Sequence[float], share: float) -> float:
    return ms[min(int(share * len(ms)), len(ms) - 1)]


def title(found: Sequence[Row]) -> str:
    """Say whose slowest tenth is furthest from its median."""
    spread = {label: _quantile(ms, 0.9) / _quantile(ms, 0.5) for label, ms in found}
    label = max(spread, key=spread.__getitem__)
    if math.isinf(spread[label]) or math.isnan(spread[label]):
        return f"A tenth of the work of {label} or more is never done"
    return (
        f"The slowest tenth takes at least {times(spread[label])} the median with {label}, the most"
        " of all"
    )


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    unit = "ms until the work is done (logarithmic); % of jobs"
    low, high = scale.limits([ms for _, every in found for ms in every], 1.1, 1.1)
    for axes, (_, every) in zip(
        small.panels(canvas, [label for label, _ in found], unit), found, strict=True
    ):
        ended = [ms for ms in every if math.isfinite(ms)]
        share = np.arange(1, len(ended) + 1) / len(every) * 100
        axes.set(xscale="log", xlim=(low, high), ylim=(0, 104))
        axes.step(ended, share, where="post", color=palette.DONE, linewidth=2)
        small.ticks(axes, scale.logarithmic(low, high, small.MOST_TICKS), (0, 50, 100))
