"""Tables by hand, with answers that are known, for charts and their titles."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from after202.analyse import tables
from after202.analyse.findings import comparisons
from after202.charts import Tables
from after202.charts.strips import Strip
from after202.kernel.model import StrategyFacts

NAMES = {
    "background_tasks": "BackgroundTasks",
    "celery_queue": "Celery",
    "gather": "asyncio.gather",
    "inline": "Inline",
    "rq_queue": "RQ",
}
QUEUES = ("celery_queue", "rq_queue")
WORKLOADS = {"signup": "Mail after sign-up: a welcome mail."}
FACTS = {
    name: StrategyFacts(
        name=name, label=label, summary="", source=name, variants={},
        worker=name if name in QUEUES else "",
    )
    for name, label in NAMES.items()
}  # fmt: skip
SHARED = {"own_share": None, "api_processes": 1, "slots_varied": None, "layout": "shared-core"}


def _frame(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame([{**dict.fromkeys(columns), **row} for row in rows], columns=list(columns))
    return frame.infer_objects()


def times(
    answers_and_ends: Mapping[str, tuple[float, float]],
    workload: str = "signup",
    rate_per_s: float = 10,
    trials: int = 6,
    variant: str = "documented",
) -> pd.DataFrame:
    """Return latency.csv of strategies that answer and are done after so many ms at p50."""
    rows = []
    for strategy, (answer, end) in answers_and_ends.items():
        of_metric = {"response": answer, "start": min(answer * 1.2, end / 2), "completion": end}
        of_metric |= {"bystander_response": answer / 2, "bystander_at_rest": 0.4}
        for metric, value in of_metric.items():
            for quantile, factor in ((0.5, 1.0), (0.9, 1.6)):
                rows.append(
                    {"strategy": strategy, "variant": variant, "workload": workload,
                     "rate_per_s": rate_per_s, "metric": metric, "quantile": quantile,
                     "estimate_ms": value * factor, "trials": trials, **SHARED}
                )  # fmt: skip
    return _frame(tables.LATENCY, rows)


def fates(
    done_of: Mapping[tuple[str, str], tuple[int, int]],
    variant: str = "documented",
    class_of_rest: str = "lost",
    duplicated: int = 0,
) -> pd.DataFrame:
    """Return completion.csv of strategies and faults: how many jobs were done, of how many."""
    rows = [
        {"strategy": strategy, "variant": variant, "fault": fault, "broker": "save points",
         "episodes": 5, "accepted": accepted, "once": done - duplicated, "duplicated": duplicated,
         **dict.fromkeys(("late", "failed_visibly", "stranded", "lost", "unseen"), 0),
         **({class_of_rest: accepted - done} if accepted > done else {})}
        for (strategy, fault), (done, accepted) in done_of.items()
    ]  # fmt: skip
    return _frame(tables.COMPLETION, rows)


def used(cpu_and_mib: Mapping[str, tuple[float, float]], trials: int = 6) -> pd.DataFrame:
    """Return resources.csv of strategies that take so many ms of CPU time a job, and MiB."""
    rows = []
    for strategy, (cpu_ms, mib) in cpu_and_mib.items():
        roles = {"api": 0.5, "worker": 0.4, "broker": 0.1} if strategy in QUEUES else {"api": 1.0}
        for role, share in {**roles, "total": 1.0}.items():
            rows.append(
                {"strategy": strategy, "variant": "documented", "workload": "signup",
                 "rate_per_s": 10, "role": role, "cpu_s_per_1000_jobs": cpu_ms * share,
                 "peak_memory_bytes": mib * share * 2**20, "trials": trials, **SHARED}
            )  # fmt: skip
    return _frame(tables.RESOURCES, rows)


def limits(per_s: Mapping[str, float | None], kept_per_s: float = 40) -> pd.DataFrame:
    """Return capacity.csv of strategies with these capacities; None where only a rate was kept."""
    rows = [
        {"strategy": strategy, "variant": "documented", "workload": "signup", "trials": 9,
         "kept_per_s": kept_per_s, "layout": "shared-core", "estimate_per_s": half,
         "low_per_s": half and 0.9 * half, "high_per_s": half and 1.1 * half}
        for strategy, half in per_s.items()
    ]  # fmt: skip
    return _frame(tables.CAPACITY, rows)


def ratios(
    of: Mapping[str, float], copy: tuple[float, str] | None = (1.01, "same")
) -> pd.DataFrame:
    """Return verdicts.csv of strategies with these ratios, and the baseline's copy first."""
    copies = {"background_tasks#2": copy} if copy else {}
    every = {**copies, **{name: (ratio, "slower") for name, ratio in of.items()}}
    rows = [
        {"strategy": label, "baseline": "background_tasks", "workload": "signup", "rate_per_s": 10,
         "metric": metric, "quantile": 0.5, "ratio": ratio, "low": ratio * 0.95,
         "high": ratio * 1.05, "verdict": verdict, "blocks": 9, **SHARED}
        for metric in ("response", "completion")
        for label, (ratio, verdict) in every.items()
    ]  # fmt: skip
    return _frame(comparisons.COLUMNS, rows)


def strip(strategy: str, fault: str, *classes: str) -> Strip:
    """Return an episode with these classes of jobs, one every 0.2 s, half before the fault."""
    first_s = -0.2 * (len(classes) // 2)
    jobs = tuple((first_s + 0.2 * number, name) for number, name in enumerate(classes))
    return Strip(fault, strategy, jobs, ((0.0, 0.8),))


def made_up(**given: Any) -> Tables:
    """Return tables of five strategies that hold what is given."""
    known = {"baseline": "background_tasks", "facts": FACTS, "workloads": WORKLOADS}
    return Tables(**{**known, **given})


def full() -> Tables:
    """Return tables in which every chart that needs no run has something to draw."""
    answers = {
        "background_tasks": (1.1, 28.0), "celery_queue": (2.9, 41.0), "gather": (1.2, 12.0),
        "inline": (27.0, 26.0), "rq_queue": (2.4, 310.0),
    }  # fmt: skip
    crash = {
        ("background_tasks", "A3"): (34, 50), ("celery_queue", "A3"): (50, 50),
        ("gather", "A3"): (41, 50), ("inline", "A3"): (50, 50), ("rq_queue", "A3"): (50, 50),
        ("celery_queue", "W2"): (42, 50), ("rq_queue", "W2"): (46, 50),
    }  # fmt: skip
    better = {(name, fault): (50, 50) for name in QUEUES for fault in ("A3", "W2")}
    lots = ["once"] * 10
    return made_up(
        latency=pd.concat(
            [times(answers), times({"celery_queue": (1.6, 22.0)}, variant="one_message"),
             times(answers, "reports", 5, 1)], ignore_index=True,
        ),
        completion=pd.concat(
            [fates(crash), fates(better, "hardened", duplicated=3),
             fates({("rq_queue", "W2"): (44, 50)}, "deduplicated", "stranded"),
             fates({("rq_queue", "A3"): (50, 50)}, "deduplicated")], ignore_index=True,
        ),
        resources=used({name: (2 + 5 * n, 60 + 40 * n) for n, name in enumerate(answers)}),
        capacity=limits({**dict.fromkeys(NAMES, 300.0), "rq_queue": 21.0, "inline": None}),
        verdicts=ratios({"celery_queue": 2.6, "gather": 1.1, "inline": 24.0, "rq_queue": 2.2}),
        strips=(
            strip("background_tasks", "A3", *lots, "lost", "lost", "unknown", *["refused"] * 6),
            strip("inline", "A3", *lots, "unknown", *["refused"] * 6),
            strip("celery_queue", "W2", *lots, "lost", "stranded", "duplicated", *lots),
            strip("rq_queue", "W2", *lots, "failed_visibly", *lots),
        ),
    )  # fmt: skip
