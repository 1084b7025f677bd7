"""The table of what strategies do with more work than they can."""

import numpy as np
import pandas as pd

from after202.analyse.run import Run
from after202.analyse.statistics.quantiles import quantiles
from after202.analyse.tables.cells import name_of
from after202.analyse.trials.pressure import PressureSummary
from after202.records.trial import SHAPES

PRESSURE = [
    "shape", "strategy", "variant", "workload", "ahead", "capacity_per_s", "pressed_per_s",
    "figure", "median", "lowest", "highest", "trials", "late_trials", "watched_s", "pressed_jobs",
]  # fmt: skip

PressureCell = tuple[str, str, str, str, str, float | None, float, int]


def under_pressure(run: Run) -> dict[PressureCell, list[PressureSummary]]:
    """Return the valid pressure trials by shape, arm, workload ahead, capacity, rate and jobs."""
    groups: dict[PressureCell, list[PressureSummary]] = {}
    for one in run.pressures:
        planned, arm = one.planned, one.planned.arm
        ahead = planned.pressed.workload if planned.shape == "backlog" else ""
        cell = (
            planned.shape, name_of(arm), arm.variant_label, arm.workload, ahead,
            planned.capacity_per_s, planned.pressed.rate_per_s, planned.pressed_jobs,
        )  # fmt: skip
        if one.valid:
            groups.setdefault(cell, []).append(one)
    order = {str(shape): number for number, shape in enumerate(SHAPES)}
    return dict(sorted(groups.items(), key=lambda i: (order[i[0][0]], i[0][3:5], i[0][1:3])))


def pressure(run: Run) -> pd.DataFrame:
    """Return a row per cell and figure: its median, lowest and highest over the valid trials.

    `late_trials` had a late generator: their times are upper bounds. A recovery that was not seen
    within `watched_s` is infinite.
    """
    rows = []
    for (*cell, jobs), found in under_pressure(run).items():
        late, watched_s = sum(one.record.late for one in found), found[0].planned.watched_s
        for name in dict.fromkeys(name for one in found for name in one.figures):
            values = [one.figures[name] for one in found if name in one.figures]
            middle = quantiles(np.array(values), (0.5,))[0]
            shown = [middle, min(values), max(values)]
            rows.append([*cell, name, *shown, len(values), late, watched_s, jobs])
    return pd.DataFrame(rows, columns=PRESSURE)
