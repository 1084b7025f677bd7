"""What it costs: CPU seconds per 1,000 jobs and peak memory, by role, medians over trials."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analyse.charts import style
from bench.analyse.trials import Run, TrialSummary

ROLES = {"api": "#0072B2", "worker": "#E69F00", "broker": "#7A7A7A"}
MEBIBYTE = 2**20


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per workload."""
    workloads = [w for w in run.workloads() if any(run.of(label, w) for label in run.labels(w))]
    if not workloads:
        return None
    figure = style.figure(len(run.labels()), len(workloads))
    grid = figure.subplots(len(workloads), 2, squeeze=False, sharey="row")
    for (cpu, memory), workload in zip(grid, workloads, strict=True):
        _bars(cpu, run, workload, cpu_time=True)
        _bars(memory, run, workload, cpu_time=False)
        style.plain(cpu, f"{workload}: CPU time", "CPU-seconds per 1,000 jobs")
        style.plain(memory, f"{workload}: peak memory", "MiB")
    handles, names = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=len(ROLES), frameon=False)
    return figure


def _bars(axes: Axes, run: Run, workload: str, *, cpu_time: bool) -> None:
    labels = run.labels(workload)
    style.rows_of(axes, labels)
    left = np.zeros(len(labels))
    for role, colour in ROLES.items():
        widths = [_median(run.of(label, workload), role, cpu_time=cpu_time) for label in labels]
        axes.barh(range(len(labels)), widths, left=left, color=colour, height=0.6, label=role)
        left += np.asarray(widths)
    for row, label in enumerate(labels):
        measured = bool(run.of(label, workload))
        text = f" {left[row]:.3g}" if measured else f" {style.NOT_MEASURED}"
        axes.text(left[row], row, text, va="center", fontsize=8)
    axes.margins(x=0.12)


def _median(trials: list[TrialSummary], role: str, *, cpu_time: bool) -> float:
    found = [
        trial.record.usage[role].cpu_s / max(trial.accepted, 1) * 1000
        if cpu_time
        else trial.record.usage[role].peak_memory_bytes / MEBIBYTE
        for trial in trials
        if role in trial.record.usage
    ]
    return float(np.median(found)) if found else 0.0
