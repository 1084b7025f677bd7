"""The tables of a run, as CSV."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from after202.analyse import marks
from after202.analyse.jobs.guarantees import Seen, decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, Summary
from after202.analyse.statistics.binomial import upper_bound
from after202.analyse.statistics.hodges_lehmann import LEAST_FOR_95, Estimate, estimate
from after202.analyse.statistics.quantiles import quantiles
from after202.analyse.trials.charge import TOTAL, charge
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.pressure import PressureSummary
from after202.analyse.trials.recovery import RECOVERY_TIMES
from after202.kernel.overrides import told
from after202.records.experiment import DEPLOYMENT, NO_FAULT, Arm
from after202.records.files import fresh
from after202.records.run import BROKER
from after202.records.trial import NOT_DURABLE, SHAPES, Episode, Pressure, Trial

LATENCY = [
    "strategy", "variant", "workload", "rate_per_s", "metric", "quantile",
    "estimate_ms", "low_ms", "high_ms", "trials", "unfinished", "note", *DEPLOYMENT,
]  # fmt: skip
COMPLETION = [
    "strategy", "variant", "fault", "broker", "episodes", "accepted", "once", "late", "duplicated",
    "failed_visibly", "stranded", "lost", "recovered", "refused", "unknown", "upper_bound_lost",
    "verdict", "unseen", "begun_again", "done_at_least_once", "begun_at_most_once",
    "failure_visible", "parameters",
]  # fmt: skip
RECOVERY_COUNTS = ("in_flight", "restarted", "overlapping", "lost_started")
RECOVERY = [
    "strategy", "variant", "fault", "broker", "episodes", *RECOVERY_TIMES, *RECOVERY_COUNTS,
    "alone",
]  # fmt: skip
RESOURCES = [
    "strategy", "variant", "workload", "rate_per_s", "role", "cpu_s_per_1000_jobs",
    "peak_memory_bytes", "trials", "low_cpu_s_per_1000_jobs", "high_cpu_s_per_1000_jobs",
    "peak_rss_bytes", "cpu_source", "memory_source", *DEPLOYMENT,
]  # fmt: skip
GOODPUT = [
    "strategy", "variant", "workload", "rate_per_s", "slots", "estimate_per_s", "low_per_s",
    "high_per_s", "trials", "note", *DEPLOYMENT,
]  # fmt: skip
PRESSURE = [
    "shape", "strategy", "variant", "workload", "ahead", "capacity_per_s", "pressed_per_s",
    "figure", "median", "lowest", "highest", "trials", "late_trials", "watched_s", "pressed_jobs",
]  # fmt: skip
# These stay empty if a profile does not search for capacity, or tests no claim.
CAPACITY = [
    "strategy", "variant", "workload", "objective", "low_per_s", "high_per_s", "trials",
    "estimate_per_s", "spread", "kept_per_s", "missed_per_s", "layout",
]  # fmt: skip
CLAIMS = ["claim", "source", "verdict", "evidence"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
            cells, note = _cells(estimate(values)), _note(len(values))
            rows.append([*_arm(arm), metric, quantile, *cells, unfinished, note, *arm.cells])
    return pd.DataFrame(rows, columns=LATENCY)


def _arm(arm: Arm) -> list[object]:
    return [name_of(arm), arm.variant_label, arm.workload, arm.rate_per_s]


def name_of(arm: Arm) -> str:
    """Return the strategy's name, with the copy's number; the variant has a column of its own."""
    return f"{arm.strategy}#{arm.copy_number}" if arm.is_copy else arm.strategy


def _cells(found: Estimate) -> list[object]:
    if found.trials < LEAST_FOR_95:
        return [found.value, None, None, found.trials]
    return [found.value, found.low, found.high, found.trials]


def _note(trials: int) -> str:
    """Return the mark of a figure that comes from one trial."""
    return marks.IN_WORDS if trials == 1 else ""


def completion(run: Run) -> pd.DataFrame:
    """Return a row per strategy, variant, fault and broker: jobs by class over all trials.

    `upper_bound_lost` is the one-sided 95 % upper bound on the share of episodes that lose a job.
    `parameters` are those of the fault's that the profile overrides.
    """
    rows = [
        [*cell, *_classes([each.seen for each in found]), _parameters(found[0].record.trial)]
        for cell, found in cells(run).items()
    ]
    return pd.DataFrame(rows, columns=COMPLETION)


Cell = tuple[str, str, str, str]


def cells(run: Run) -> dict[Cell, list[Summary]]:
    """Return the trials and episodes by strategy, variant, fault and the broker's persistence."""
    groups: dict[Cell, list[Summary]] = {}
    for each in run.all:
        planned = each.record.trial
        fault, durability = _struck(planned)
        broker = run.record.options[BROKER] if run.record.has_own_broker else durability
        key = (name_of(planned.arm), planned.arm.variant_label, fault, broker)
        groups.setdefault(key, []).append(each)
    return dict(sorted(groups.items()))


def _struck(planned: Trial) -> tuple[str, str]:
    """Return a trial's fault, and what its broker writes to disk.

    Pressure is no fault, but jobs under it are not pooled with those of the control.
    """
    if isinstance(planned, Pressure):
        return planned.shape, NOT_DURABLE
    if isinstance(planned, Episode):
        return planned.fault, planned.durability
    return NO_FAULT, NOT_DURABLE


def _parameters(planned: Trial) -> str:
    return told(planned.parameters) if isinstance(planned, Episode) else ""


def _classes(seen: list[Seen]) -> list[object]:
    counts = sum((Counter(one.classes) for one in seen), Counter[str]())
    shown = [one for one in seen if one.tells_of_loss]
    bad = sum(bool(one.classes.get(OutcomeClass.LOST)) for one in shown)
    names = COMPLETION[COMPLETION.index("once") : COMPLETION.index("recovered") + 1]
    decided = decide(seen)
    return [
        len(seen),
        sum(one.accepted for one in seen),
        *(counts[name] for name in names),
        counts[OutcomeClass.REFUSED] + counts[OutcomeClass.EXECUTED_THOUGH_REFUSED],
        counts[OutcomeClass.UNKNOWN],
        round(upper_bound(bad, len(shown)), 4) if shown else None,
        str(decided),
        counts[OutcomeClass.UNSEEN],
        sum(one.begun_again for one in seen),
        *(str(verdict) for verdict in vars(decided).values()),
    ]


def recovery(run: Run) -> pd.DataFrame:
    """Return a row per cell whose fault struck: medians over its known episodes, in s.

    `alone` is true if episodes ran one at a time.
    """
    alone = run.record.profile.side_by_side == 1
    rows = []
    for cell, found in cells(run).items():
        known = [e for e in found if isinstance(e, EpisodeSummary) and e.known]
        times = [_median([getattr(e.recovery, name) for e in known]) for name in RECOVERY_TIMES]
        if any(value is not None for value in times):
            counts = (sum(getattr(e, name) for e in known) for name in RECOVERY_COUNTS)
            rows.append([*cell, len(known), *times, *counts, alone])
    return pd.DataFrame(rows, columns=RECOVERY)


def _median(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return float(np.median(there)) if there else None


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
            value, low, high, number = _cells(found.cpu_s_per_1000_jobs)
            rows.append(
                [*_arm(arm), role, value, found.peak_memory_bytes, number, low, high,
                 found.peak_rss_bytes, *sources, *arm.cells]
            )  # fmt: skip
    # A column of whole numbers, some of which are missing.
    return pd.DataFrame(rows, columns=RESOURCES).astype({"peak_rss_bytes": "Int64"})


def _told(sources: Iterable[str]) -> str:
    return "; ".join(sorted(set(filter(None, sources))))


def goodput(run: Run) -> pd.DataFrame:
    """Return a row per arm: jobs done per second, over all trials.

    If more is offered than an arm can do, this is its limit; otherwise it is the offered load.
    """
    rows = []
    for arm in run.arms():
        found = goodput_of(run, arm)
        if found is not None:
            slots, jobs_per_s = found
            note = _note(jobs_per_s.trials)
            rows.append([*_arm(arm), slots, *_cells(jobs_per_s), note, *arm.cells])
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


def frames(run: Run, verdicts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every table, by the name of its file."""
    return {
        "latency": latency(run),
        "completion": completion(run),
        "recovery": recovery(run),
        "resources": resources(run),
        "verdicts": verdicts,
        "capacity": capacity(run),
        "goodput": goodput(run),
        "pressure": pressure(run),
        "claims": pd.DataFrame(columns=CLAIMS),
    }


def write(run: Run, made: Mapping[str, pd.DataFrame]) -> None:
    """Write tables below the run's folder."""
    for name, frame in made.items():
        path = fresh(run.folder.tables / f"{name}.csv")
        frame.map(_harmless).to_csv(path, index=False, float_format="%.6g")


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: such a text gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
