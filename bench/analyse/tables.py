"""The tables of a run, as CSV."""

from collections import Counter

import numpy as np
import pandas as pd

from bench.analyse.outcomes import OutcomeClass
from bench.analyse.statistics.binomial import upper_bound
from bench.analyse.statistics.hodges_lehmann import LEAST_FOR_95, Estimate, estimate
from bench.analyse.trials import Run, TrialSummary
from bench.model import Arm

LATENCY = [
    "strategy", "variant", "workload", "rate_per_s", "metric", "quantile",
    "estimate_ms", "low_ms", "high_ms", "trials",
]  # fmt: skip
COMPLETION = [
    "strategy", "variant", "fault", "broker", "episodes", "accepted", "once", "late", "duplicated",
    "failed_visibly", "stranded", "lost", "recovered", "refused", "unknown", "upper_bound_lost",
    "verdict",
]  # fmt: skip
RESOURCES = [
    "strategy", "variant", "workload", "rate_per_s", "role", "cpu_s_per_1000_jobs",
    "peak_memory_bytes", "trials",
]  # fmt: skip
GOODPUT = [
    "strategy", "variant", "workload", "rate_per_s", "slots", "estimate_per_s", "low_per_s",
    "high_per_s", "trials",
]  # fmt: skip
# Without rows where a profile does not search for the capacity, or tests no claim.
CAPACITY = ["strategy", "variant", "workload", "objective", "low_per_s", "high_per_s", "trials"]
CLAIMS = ["claim", "source", "verdict", "evidence"]
TOTAL = "total"


def latency(run: Run) -> pd.DataFrame:
    """Return a row per arm, metric and quantile: estimates over the arm's valid trials."""
    rows = []
    for arm in run.arms():
        trials = run.of(arm)
        keys = sorted({key for trial in trials for key in trial.quantiles_ms})
        for metric, quantile in keys:
            found = [t.quantiles_ms.get((metric, quantile)) for t in trials]
            values = [value for value in found if value is not None]
            rows.append([*_arm(arm), metric, quantile, *_cells(estimate(values))])
    return pd.DataFrame(rows, columns=LATENCY)


def _arm(arm: Arm) -> list[object]:
    return [_name(arm), arm.variant, arm.workload, arm.rate_per_s]


def _name(arm: Arm) -> str:
    """Return the strategy's name, with the copy's number; the variant has a column of its own."""
    return f"{arm.strategy}#{arm.copy_number}" if arm.is_copy else arm.strategy


def _cells(found: Estimate) -> list[object]:
    if found.trials < LEAST_FOR_95:
        return [found.value, None, None, found.trials]
    return [found.value, found.low, found.high, found.trials]


def completion(run: Run) -> pd.DataFrame:
    """Return a row per strategy, variant and fault: jobs by class over all trials."""
    groups: dict[tuple[str, str, str], list[TrialSummary]] = {}
    for trial in run.trials:
        planned = trial.record.trial
        key = (_name(planned.arm), planned.arm.variant, planned.fault)
        groups.setdefault(key, []).append(trial)
    broker = run.record.options.get("broker", "")
    rows = [[*key, broker, *_classes(trials)] for key, trials in sorted(groups.items())]
    return pd.DataFrame(rows, columns=COMPLETION)


def _classes(trials: list[TrialSummary]) -> list[object]:
    counts = sum((Counter(trial.classes) for trial in trials), Counter[str]())
    bad = sum(bool(trial.classes.get(OutcomeClass.LOST)) for trial in trials)
    names = COMPLETION[COMPLETION.index("once") : COMPLETION.index("recovered") + 1]
    return [
        len(trials),
        sum(trial.accepted for trial in trials),
        *(counts[name] for name in names),
        counts[OutcomeClass.REFUSED] + counts[OutcomeClass.EXECUTED_THOUGH_REFUSED],
        counts[OutcomeClass.UNKNOWN],
        round(upper_bound(bad, len(trials)), 4),
        guarantees(trials),
    ]


def guarantees(trials: list[TrialSummary]) -> str:
    """Say whether at-least-once and at-most-once held: holds, broken or unknown."""
    counts = sum((Counter(trial.classes) for trial in trials), Counter[str]())
    known = sum(trial.accepted for trial in trials) > 0
    finished = known and all(t.record.drained or t.classes.get(OutcomeClass.LOST) for t in trials)
    least = "broken" if counts[OutcomeClass.LOST] else "holds" if finished else "unknown"
    most = "broken" if counts[OutcomeClass.DUPLICATED] else "holds" if known else "unknown"
    return f"at-least-once {least}, at-most-once {most}"


def resources(run: Run) -> pd.DataFrame:
    """Return a row per arm and role: medians over the arm's valid trials."""
    rows = []
    for arm in run.arms():
        trials = run.of(arm)
        roles = sorted({role for trial in trials for role in trial.record.usage})
        rows += [
            [*_arm(arm), role, *usage(trials, role), len(trials)]
            for role in ([*roles, TOTAL] if roles else [])
        ]
    return pd.DataFrame(rows, columns=RESOURCES)


def usage(trials: list[TrialSummary], role: str) -> tuple[float, int]:
    """Return the medians of CPU-seconds per 1,000 jobs and of peak memory, of a role or in all."""
    cpu, memory = [], []
    for trial in trials:
        roles = trial.record.usage
        used = list(roles.values()) if role == TOTAL else [roles[role]]
        cpu.append(sum(u.cpu_s for u in used) / max(trial.accepted, 1) * 1000)
        memory.append(sum(u.peak_memory_bytes for u in used))
    return round(float(np.median(cpu)), 3), int(np.median(memory))


def goodput(run: Run) -> pd.DataFrame:
    """Return a row per arm: jobs done per second, over all trials.

    That is what an arm can do where more is offered than that, and what is offered elsewhere.
    """
    rows = []
    for arm in run.arms():
        mine = [trial for trial in run.trials if trial.record.trial.arm == arm]
        values = [trial.goodput_per_s for trial in mine if trial.goodput_per_s is not None]
        if values:
            slots = mine[0].record.trial.slots
            rows.append([*_arm(arm), slots, *_cells(estimate(values))])
    return pd.DataFrame(rows, columns=GOODPUT)


def capacity(run: Run) -> pd.DataFrame:
    """Return a row per arm: its capacity as an interval; a cell is empty where no end was met."""
    objective = run.record.level.label if run.record.level else ""
    rows = []
    for found in run.capacities:
        arm, interval = found.arm, (found.low_per_s, found.high_per_s)
        rows.append(
            [_name(arm), arm.variant, arm.workload, objective, *interval, len(found.probes)]
        )
    return pd.DataFrame(rows, columns=CAPACITY)


def write(run: Run, verdicts: pd.DataFrame) -> None:
    """Write every table below the run's folder."""
    frames = {
        "latency": latency(run),
        "completion": completion(run),
        "resources": resources(run),
        "verdicts": verdicts,
        "capacity": capacity(run),
        "goodput": goodput(run),
        "claims": pd.DataFrame(columns=CLAIMS),
    }
    for name, frame in frames.items():
        frame.to_csv(run.folder / "tables" / f"{name}.csv", index=False, float_format="%.6g")
