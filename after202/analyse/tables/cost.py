"""The table of what strategies use: CPU time and memory."""

from collections.abc import Iterable

import pandas as pd

from after202.analyse.run import Run
from after202.analyse.tables.cells import arm_cells, estimate_cells
from after202.analyse.trials.charge import TOTAL, charge
from after202.records.experiment import DEPLOYMENT

RESOURCES = [
    "strategy", "variant", "workload", "rate_per_s", "role", "cpu_s_per_1000_jobs",
    "peak_memory_bytes", "trials", "low_cpu_s_per_1000_jobs", "high_cpu_s_per_1000_jobs",
    "peak_rss_bytes", "cpu_source", "memory_source", *DEPLOYMENT,
]  # fmt: skip


def resources(run: Run) -> pd.DataFrame:
    """Return a row per arm and role, and per service beside them, over the arm's charged trials.

    CPU time is an estimate with its interval; memory is a median. Services are not in the total.
    """
    rows = []
    for arm in run.arms():
        trials = [trial for trial in run.of(arm) if trial.is_charged]
        if not trials:
            continue
        roles = sorted({role for trial in trials for role in trial.record.usage})
        beside = sorted({name for trial in trials for name in trial.record.services})
        sources = (
            _told(t.record.cpu_source for t in trials),
            _told(t.record.memory_source for t in trials),
        )
        for role in (*roles, TOTAL, *beside):
            found = charge(trials, role)
            value, low, high, number = estimate_cells(found.cpu_s_per_1000_jobs)
            rows.append(
                [*arm_cells(arm), role, value, found.peak_memory_bytes, number, low, high,
                 found.peak_rss_bytes, *sources, *arm.cells]
            )  # fmt: skip
    # A column of whole numbers, some of which are missing.
    return pd.DataFrame(rows, columns=RESOURCES).astype({"peak_rss_bytes": "Int64"})


def _told(sources: Iterable[str]) -> str:
    return "; ".join(sorted(set(filter(None, sources))))
