"""Processors kept busy and memory used by each role over time, in each arm's longest trial.

The processes are sampled from outside once a second, from just before the load to the end of the
drain; each dot is a sample. The cost of sampling is listed among the overheads.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from after202.analyse.charts import style
from after202.analyse.charts.cost import MEBIBYTE, ROLES
from after202.analyse.run import Run
from after202.analyse.trials.comparison import ComparisonSummary
from after202.records.experiment import Condition
from after202.records.requests import read_table

ROW_HEIGHT = 1.7
LEAST_SAMPLES = 3


def draw(run: Run) -> Figure | None:
    """Draw a row of two panels per arm, for the first condition measured."""
    conditions = run.measured_conditions()
    longest = _longest(run, conditions[0]) if conditions else []
    if not longest:
        return None
    figure = style.figure(0, height=ROW_HEIGHT * len(longest) + 0.8)
    grid = figure.subplots(len(longest), 2, squeeze=False, sharex=True, sharey="col")
    for (busy, memory), trial in zip(grid, longest, strict=True):
        _panels(busy, memory, _samples(run, trial))
        label = trial.record.trial.arm.label
        style.plain(busy, f"{label}: processors busy")
        style.plain(memory, f"{label}: memory, MiB")
    for axes in grid[-1]:
        axes.set_xlabel("s")
    handles, names = grid[0][0].get_legend_handles_labels()
    for axes in grid[:, 0]:
        more_handles, more_names = axes.get_legend_handles_labels()
        handles, names = max((handles, names), (more_handles, more_names), key=lambda x: len(x[1]))
    figure.legend(handles, names, loc="outside upper right", ncols=len(ROLES), frameon=False)
    return figure


def _longest(run: Run, condition: Condition) -> list[ComparisonSummary]:
    """Return each arm's valid trial that was sampled for longest."""
    found = []
    for arm in run.arms(condition):
        sampled = [t for t in run.of(arm) if _file(run, t).exists()]
        if sampled and not arm.is_copy:
            found.append(max(sampled, key=lambda t: t.record.timing_s.get("total", 0.0)))
    return found


def _file(run: Run, trial: ComparisonSummary) -> Path:
    return run.folder.trial(trial.record.trial.id).resources


def _samples(run: Run, trial: ComparisonSummary) -> pd.DataFrame:
    """Return CPU seconds so far and memory by role and time (s)."""
    samples: pd.DataFrame = read_table(_file(run, trial), None, None).to_pandas()
    samples["at_s"] = (samples["at_us"] - samples["at_us"].min()) / 1e6
    return samples.groupby(["role", "at_s"], as_index=False)[["cpu_s", "memory_bytes"]].sum()


def _panels(busy: Axes, memory: Axes, samples: pd.DataFrame) -> None:
    for role, colour in ROLES.items():
        mine = samples[samples["role"] == role]
        if len(mine) < LEAST_SAMPLES:
            continue
        at_s, cpu_s = mine["at_s"].to_numpy(), mine["cpu_s"].to_numpy()
        # The CPU time of a worker's dead child is missing until its parent has reaped it.
        share = np.maximum(np.diff(cpu_s) / np.diff(at_s), 0)
        middle_s = (at_s[1:] + at_s[:-1]) / 2
        busy.plot(middle_s, share, "o-", markersize=3, color=colour, label=role)
        memory.plot(at_s, mine["memory_bytes"] / MEBIBYTE, "o-", markersize=3, color=colour)
