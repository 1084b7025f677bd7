"""Tables that were made up, whose sentences are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from after202.analyse import tables
from after202.analyse.findings import comparisons
from after202.analyse.jobs.guarantees import Verdict
from after202.analyse.statistics.binomial import upper_bound
from after202.analyse.statistics.difference import Difference
from after202.kernel.model import StrategyFacts, VariantFacts
from after202.records.experiment import NO_FAULT
from after202.records.run import RunRecord
from after202.report.facts import Facts
from after202.report.facts.tables import TRIALS, Tables
from tests.analyse.run_folder import PROFILE

BASE, GATHER, INLINE, CELERY, RQ = (
    "background_tasks", "gather", "inline", "celery_queue", "rq_queue",
)  # fmt: skip
LABELS = {
    BASE: "BackgroundTasks", GATHER: "asyncio.gather", INLINE: "Inline", CELERY: "Celery", RQ: "RQ",
}  # fmt: skip
# Answers and ends of the work, in ms: who answers before the work loses it with the API.
USUAL = {
    BASE: (1.4, 28.0), GATHER: (1.41, 28.0), INLINE: (28.0, 28.1), CELERY: (6.8, 34.0),
    RQ: (5.5, 83.0),
}  # fmt: skip
CPU_MS = {BASE: 5.0, GATHER: 5.0, INLINE: 6.0, CELERY: 15.0, RQ: 60.0}
ACCEPTED, EPISODES = 60, 3
WORKLOAD, RATE = "signup", 5.0
FAULTS = {
    "A3": "The API crashes: KILL.", "A2": "The API is deployed: TERM.",
    "W2": "A whole worker is killed, parent and children.", "W5": "The worker is deployed: TERM.",
    "R2": "The broker crashes: KILL.",
}  # fmt: skip
NAME = {"lost": "lost", "stuck": "stranded", "failed": "failed_visibly", "twice": "duplicated",
        "unseen": "unseen", "late": "late"}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """What a fault did to the accepted jobs of a strategy and variant."""

    fault: str
    strategy: str
    variant: str = "documented"
    counts: Mapping[str, int] = field(default_factory=dict)
    accepted: int = ACCEPTED
    episodes: int = EPISODES


def survives(
    strategy: str, variant: str = "documented", *, but: Mapping[str, str] = {}
) -> list[Cell]:
    """Return the cells of what survives every fault that can hit it, but in some does this to 5."""
    worker = strategy in {CELERY, RQ}
    faults = [one for one in FAULTS if worker or one.startswith("A")]
    return [
        Cell(one, strategy, variant, {but[one]: 5} if one in but else {})
        for one in faults
        if one != "R2" or "R2" in but
    ]


def crashed() -> list[Cell]:
    """Return what usually happens: the fast lose with the API, queues by default with a worker."""
    return [
        *survives(BASE, but={"A3": "lost", "A2": "lost"}),
        *survives(GATHER, but={"A3": "lost", "A2": "lost"}),
        *survives(INLINE),
        *survives(CELERY, but={"W2": "lost", "W5": "stuck"}),
        *survives(CELERY, "hardened", but={"R2": "lost"}),
        *survives(RQ, but={"W2": "failed", "W5": "failed"}),
        *survives(RQ, "hardened"),
    ]


@dataclass(frozen=True)
class MadeUp:
    """A run: `times` by load (workload, rate) and arm, an arm being a strategy and its variant."""

    times: Mapping[str, tuple[float, float]] = field(default_factory=lambda: USUAL)
    variants: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    blocks: int = 8
    copy: str = "same"
    cells: Sequence[Cell] = ()
    used: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)
    goodput: Mapping[str, float] = field(default_factory=dict)
    bystander: Mapping[str, float] = field(default_factory=dict)
    accepted_share: Mapping[str, float] = field(default_factory=dict)
    invalid: int = 0
    trials: int = 20
    in_flight: Mapping[str, int] = field(default_factory=dict)
    redelivery_s: Mapping[str, float] = field(default_factory=dict)

    def facts(self) -> Facts:
        """Return the facts of the run."""
        return Facts(Tables(self._record(), self._frames()))

    def _arms(self) -> dict[tuple[str, str], tuple[float, float]]:
        return {
            **{(name, "documented"): both for name, both in self.times.items()},
            **self.variants,
        }

    def _record(self) -> RunRecord:
        variant = {one: VariantFacts() for one in ("documented", "hardened", "deduplicated")}
        known = {
            name: StrategyFacts(
                name=name, label=label, summary=f"{label}: what it does.", source=name,
                worker=name if name in {CELERY, RQ} else "", variants=variant,
            )
            for name, label in LABELS.items()
        }  # fmt: skip
        return RunRecord(
            run="x", profile_name="x", profile=PROFILE, strategies=known, faults=FAULTS,
            workloads={WORKLOAD: "Mail after sign-up: a welcome mail."}, stack="none",
            stack_reason="by hand", planned=(), machine={"cores": 2}, versions={}, git_commit="",
            started_at="2026-11-30T00:00:00", wall_minus_monotonic_ns=1,
        )  # fmt: skip

    def _frames(self) -> dict[str, pd.DataFrame]:
        return {
            "latency": pd.DataFrame(list(self._latency()), columns=tables.LATENCY),
            "verdicts": pd.DataFrame(list(self._verdicts()), columns=comparisons.COLUMNS),
            "resources": pd.DataFrame(list(self._resources()), columns=tables.RESOURCES),
            "completion": pd.DataFrame(
                list(map(_completion, self.cells)), columns=tables.COMPLETION
            ),
            "recovery": pd.DataFrame(list(self._recovery()), columns=tables.RECOVERY),
            "capacity": pd.DataFrame(list(self._capacity()), columns=tables.CAPACITY),
            "goodput": pd.DataFrame(list(self._goodput()), columns=tables.GOODPUT),
            "pressure": pd.DataFrame(list(self._pressure()), columns=tables.PRESSURE),
            "trials": pd.DataFrame(list(self._trials()), columns=TRIALS),
        }

    def _latency(self) -> Iterable[dict[str, Any]]:
        for (strategy, variant), (answer, done) in self._arms().items():
            extra = {"bystander_response": self.bystander[strategy]} if self.bystander else {}
            for metric, ms in {
                "response": answer,
                "completion": done,
                "slip": 0.1,
                **extra,
            }.items():
                yield _load(strategy, variant) | {
                    "metric": metric, "quantile": 0.5, "estimate_ms": ms, "trials": self.blocks,
                    "low_ms": ms * 0.99, "high_ms": ms * 1.01,
                }  # fmt: skip

    def _verdicts(self) -> Iterable[dict[str, Any]]:
        base = self.times.get(BASE)
        if base is None:
            return
        for metric, base_ms in zip(("response", "completion"), base, strict=True):
            if self.copy:
                yield self._verdict(f"{BASE}#2", metric, base_ms, base_ms, self.copy)
            for (strategy, variant), both in self._arms().items():
                arm = strategy if variant == "documented" else f"{strategy} {variant}"
                mine_ms = both[metric == "completion"]
                if arm != BASE:
                    yield self._verdict(arm, metric, mine_ms, base_ms, _said(mine_ms / base_ms))

    def _verdict(
        self, arm: str, metric: str, ms: float, base_ms: float, said: str
    ) -> dict[str, Any]:
        verdict = said if self.blocks >= 6 else str(Difference.TOO_FEW)
        return _load(arm, "") | {
            "metric": metric, "quantile": 0.5, "ratio": ms / base_ms, "verdict": verdict,
            "difference_ms": ms - base_ms, "blocks": self.blocks, "baseline": BASE,
        }  # fmt: skip

    def _resources(self) -> Iterable[dict[str, Any]]:
        for strategy, variant in self._arms() if self.used else ():
            cpu_ms = CPU_MS[strategy]
            yield _load(strategy, variant) | {
                "role": "total", "cpu_s_per_1000_jobs": cpu_ms, "peak_memory_bytes": 2**20 * 50,
            }  # fmt: skip

    def _recovery(self) -> Iterable[dict[str, Any]]:
        for strategy, jobs in self.in_flight.items():
            yield {"strategy": strategy, "variant": "documented", "fault": "A3", "in_flight": jobs}

    def _capacity(self) -> Iterable[dict[str, Any]]:
        for strategy, per_s in self.limits.items():
            yield _load(strategy, "documented") | {
                "estimate_per_s": per_s, "low_per_s": per_s * 0.9, "high_per_s": per_s * 1.1,
                "objective": "response p95 < 100 ms",
            }  # fmt: skip

    def _goodput(self) -> Iterable[dict[str, Any]]:
        for strategy, per_s in self.goodput.items():
            yield _load(strategy, "documented") | {"estimate_per_s": per_s}

    def _pressure(self) -> Iterable[dict[str, Any]]:
        for strategy, share in self.accepted_share.items():
            yield {
                "shape": "burst", "strategy": strategy, "variant": "documented",
                "workload": WORKLOAD, "figure": "accepted_share", "median": 1.0, "lowest": share,
                "highest": 1.0, "trials": 3,
            }  # fmt: skip

    def _trials(self) -> Iterable[dict[str, Any]]:
        for number in range(self.trials):
            yield {
                "trial": f"{number:03d}", "strategy": BASE, "variant": "documented",
                "fault": NO_FAULT, "valid": number >= self.invalid, "drifting": False,
                "cpu_s_per_request": 0.001, "arm": BASE,
            }  # fmt: skip
        for strategy, seconds in self.redelivery_s.items():
            yield {
                "trial": f"e-{strategy}", "strategy": strategy, "variant": "documented",
                "fault": "W5", "valid": True, "drifting": False, "redelivery_s": seconds,
            }  # fmt: skip


def _load(strategy: str, variant: str) -> dict[str, Any]:
    return {
        "strategy": strategy, "variant": variant, "workload": WORKLOAD, "rate_per_s": RATE,
        "layout": "shared-core", "api_processes": 1,
    }  # fmt: skip


def _said(ratio: float) -> str:
    if 0.95 < ratio < 1.05:
        return str(Difference.SAME)
    return str(Difference.SLOWER if ratio > 1 else Difference.FASTER)


def _completion(cell: Cell) -> dict[str, Any]:
    counts = {NAME[name]: count for name, count in cell.counts.items()}
    undone = {"lost", "stuck", "failed", "unseen"} & cell.counts.keys()
    bad = EPISODES if "lost" in cell.counts else 0
    open_ = {"stuck", "unseen"} & cell.counts.keys() or not cell.accepted
    verdict = Verdict.UNKNOWN if open_ else Verdict.BROKEN if undone else Verdict.HOLDS
    return dict.fromkeys(tables.COMPLETION, 0) | counts | {
        "strategy": cell.strategy, "variant": cell.variant, "fault": cell.fault,
        "broker": "no persistence", "episodes": cell.episodes, "accepted": cell.accepted,
        "once": cell.accepted - sum(cell.counts.values()), "done_at_least_once": str(verdict),
        "upper_bound_lost": upper_bound(bad, cell.episodes),
    }  # fmt: skip
