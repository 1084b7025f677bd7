"""The tables of speed: latency, goodput, capacity."""

import pandas as pd

from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import Estimate, estimate
from after202.analyse.tables.cells import arm_cells, estimate_cells, name_of, one_trial
from after202.records.experiment import DEPLOYMENT, Arm

LATENCY = [
    "strategy", "variant", "workload", "rate_per_s", "metric", "quantile",
    "estimate_ms", "low_ms", "high_ms", "trials", "unfinished", "note", *DEPLOYMENT,
]  # fmt: skip
GOODPUT = [
    "strategy", "variant", "workload", "rate_per_s", "slots", "estimate_per_s", "low_per_s",
    "high_per_s", "trials", "note", *DEPLOYMENT,
]  # fmt: skip
# It stays empty if a profile does not search for capacity.
CAPACITY = [
    "strategy", "variant", "workload", "objective", "low_per_s", "high_per_s", "trials",
    "estimate_per_s", "spread", "kept_per_s", "missed_per_s", "layout",
]  # fmt: skip


def latency(run: Run) -> pd.DataFrame:
    """Return a row per arm, metric and quantile: estimates over the arm's valid trials.

    `unfinished` is how many of the arm's requests were refused, or asked for work that was not
    done. They are infinitely late in every quantile.
    """
    rows = []
    for arm in run.arms():
        trials = run.of(arm)
        keys = sorted({key for trial in trials for key in trial.quantiles_ms})
        for metric, quantile in keys:
            found = [t.quantiles_ms.get((metric, quantile)) for t in trials]
            values = [value for value in found if value is not None]
            unfinished = sum(trial.unfinished for trial in trials)
            cells, note = estimate_cells(estimate(values)), one_trial(len(values))
            rows.append([*arm_cells(arm), metric, quantile, *cells, unfinished, note, *arm.cells])
    return pd.DataFrame(rows, columns=LATENCY)


def goodput(run: Run) -> pd.DataFrame:
    """Return a row per arm: jobs done per second, over all trials.

    If more is offered than an arm can do, this is its limit; otherwise it is the offered load.
    """
    rows = []
    for arm in run.arms():
        found = goodput_of(run, arm)
        if found is not None:
            slots, jobs_per_s = found
            note = one_trial(jobs_per_s.trials)
            rows.append([*arm_cells(arm), slots, *estimate_cells(jobs_per_s), note, *arm.cells])
    return pd.DataFrame(rows, columns=GOODPUT)


def goodput_of(run: Run, arm: Arm) -> tuple[int, Estimate] | None:
    """Return an arm's slots and its jobs done per second; None if no trial shows them."""
    mine = [trial for trial in run.comparisons if trial.record.trial.arm == arm]
    values = [trial.goodput_per_s for trial in mine if trial.goodput_per_s is not None]
    return (
        (mine[0].record.slots or mine[0].record.trial.slots, estimate(values)) if values else None
    )


def capacity(run: Run) -> pd.DataFrame:
    """Return a row per arm: its capacity, and where the search ended; what is unknown is empty."""
    level = run.record.profile.level
    objective = level.label if level else ""
    rows = []
    for found in run.capacities:
        arm, c = found.arm, found.curve
        low, high, half, spread = (
            (c.low_per_s, c.high_per_s, c.half_per_s, c.spread) if c else (None,) * 4
        )
        rows.append([
            name_of(arm), arm.variant_label, arm.workload, objective, low, high, len(found.probes),
            half, spread, found.kept_per_s, found.missed_per_s, str(arm.layout),
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=CAPACITY)
