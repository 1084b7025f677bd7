"""CPU-seconds per 1,000 jobs and peak memory (PSS), by role: estimates over the valid trials.

Trials with bystander requests are left out, because those take CPU time too.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse import marks
from after202.analyse.charts import style
from after202.analyse.run import Run
from after202.analyse.trials.charge import charge
from after202.analyse.trials.comparison import ComparisonSummary
from after202.records.experiment import Arm, Condition

ROLES = {"api": "#0072B2", "worker": "#E69F00", "broker": "#7A7A7A"}
MEBIBYTE = 2**20
NOTHING_DONE = "no job was done"


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload and rate."""
    conditions = [
        condition
        for condition in run.measured_conditions()
        if any(_charged(run, arm) for arm in run.arms(condition))
    ]
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
        widths = [_width(_charged(run, arm), role, cpu_time=cpu_time) for arm in arms]
        axes.barh(range(len(arms)), widths, left=left, color=colour, height=0.6, label=role)
        left += np.asarray(widths)
    for row, arm in enumerate(arms):
        text = f" {left[row]:.3g}" if run.of(arm) else f" {style.NO_VALID_TRIAL}"
        if cpu_time and run.of(arm) and not any(trial.done for trial in run.of(arm)):
            text = f" {NOTHING_DONE}"
        axes.text(left[row], row, text, va="center", fontsize=8)
    axes.margins(x=0.12)


def _charged(run: Run, arm: Arm) -> list[ComparisonSummary]:
    return [trial for trial in run.of(arm) if trial.is_charged]


def _width(trials: list[ComparisonSummary], role: str, *, cpu_time: bool) -> float:
    mine = [trial for trial in trials if role in trial.record.usage]
    if not mine:
        return 0.0
    found = charge(mine, role)
    if not cpu_time:
        return found.peak_memory_bytes / MEBIBYTE
    cpu_s = found.cpu_s_per_1000_jobs.value
    return cpu_s if np.isfinite(cpu_s) else 0.0
