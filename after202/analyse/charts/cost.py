"""CPU-seconds per 1,000 jobs and peak memory, by role: medians over the valid trials."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse import marks
from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.comparison import ComparisonSummary
from after202.records.experiment import Condition

ROLES = {"api": "#0072B2", "worker": "#E69F00", "broker": "#7A7A7A"}
MEBIBYTE = 2**20
NOTHING_DONE = "no job was done"


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload and rate."""
    conditions = run.measured_conditions()
    if not conditions:
        return None
    figure = style.figure(len(run.labels()), len(conditions))
    grid = figure.subplots(len(conditions), 2, squeeze=False, sharey="row")
    for (cpu, memory), condition in zip(grid, conditions, strict=True):
        _bars(cpu, run, condition, cpu_time=True)
        _bars(memory, run, condition, cpu_time=False)
        style.plain(cpu, f"{condition.label}: CPU time", "CPU-seconds per 1,000 jobs done")
        style.plain(memory, f"{condition.label}: peak memory", "MiB")
    handles, names = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=len(ROLES), frameon=False)
    style.say_marks(figure, run)
    return figure


def _bars(axes: Axes, run: Run, condition: Condition, *, cpu_time: bool) -> None:
    arms = run.arms(condition)
    style.rows_of(axes, [marks.label(run, arm) for arm in arms])
    left = np.zeros(len(arms))
    for role, colour in ROLES.items():
        widths = [_median(run.of(arm), role, cpu_time=cpu_time) for arm in arms]
        axes.barh(range(len(arms)), widths, left=left, color=colour, height=0.6, label=role)
        left += np.asarray(widths)
    for row, arm in enumerate(arms):
        text = f" {left[row]:.3g}" if run.of(arm) else f" {style.NO_VALID_TRIAL}"
        if cpu_time and run.of(arm) and not any(trial.done for trial in run.of(arm)):
            text = f" {NOTHING_DONE}"
        axes.text(left[row], row, text, va="center", fontsize=8)
    axes.margins(x=0.12)


def _median(trials: list[ComparisonSummary], role: str, *, cpu_time: bool) -> float:
    found = [
        trial.cpu_s_per_1000_jobs([role])
        if cpu_time
        else trial.record.usage[role].peak_memory_bytes / MEBIBYTE
        for trial in trials
        if role in trial.record.usage
    ]
    median = float(np.median(found)) if found else 0.0
    return median if np.isfinite(median) else 0.0
