"""What charts are drawn from: the run's tables, the strategies' names, and one episode's jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from after202.analyse import tables
from after202.analyse.findings import comparisons
from after202.analyse.run import Run
from after202.charts import strips
from after202.charts.strips import Strip
from after202.charts.wording import opening, overridden, spoken
from after202.kernel.model import DOCUMENTED, StrategyFacts
from after202.kernel.overrides import told
from after202.records.labels import labels, lowered, short


def _empty(columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class Tables:
    """The tables by the names of their files, as `analyse.tables` makes them.

    `facts` are the strategies as they described themselves, in the order in which charts show them
    within their kind; `overridden` is what the profile overrides of those as documented. `run` is
    what the charts for experts are drawn from. `is_part` marks the tables of one workload.
    """

    baseline: str = ""
    facts: Mapping[str, StrategyFacts] = field(default_factory=dict)
    overridden: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    workloads: Mapping[str, str] = field(default_factory=dict)
    latency: pd.DataFrame = field(default_factory=lambda: _empty(tables.LATENCY))
    completion: pd.DataFrame = field(default_factory=lambda: _empty(tables.COMPLETION))
    resources: pd.DataFrame = field(default_factory=lambda: _empty(tables.RESOURCES))
    capacity: pd.DataFrame = field(default_factory=lambda: _empty(tables.CAPACITY))
    verdicts: pd.DataFrame = field(default_factory=lambda: _empty(comparisons.COLUMNS))
    strips: tuple[Strip, ...] = ()
    run: Run | None = None
    is_part: bool = False

    def name(self, strategy: str) -> str:
        """Return the name of a strategy as documented, with what the profile overrides."""
        given = self.overridden.get(strategy.partition("#")[0])
        return f"{self.label(strategy)} ({given})" if given else self.label(strategy)

    def label(self, strategy: str) -> str:
        """Return a strategy's label; that of the original for a copy of the baseline."""
        plain = strategy.partition("#")[0]
        return labels(self.facts).get(plain) or spoken(plain)

    def work(self, workload: str) -> str:
        """Return a workload's label, which opens a title."""
        title = self.workloads.get(workload)
        return short(title) if title else opening(spoken(workload))

    def fault(self, name: str) -> str:
        """Return a fault's label within a sentence."""
        title = self.faults.get(name)
        return lowered(short(title)) if title else name

    def order(self, strategy: str) -> tuple[bool, int, str]:
        """Return a strategy's sort key: in-process first, then queues, else as described."""
        names = list(self.facts)
        place = names.index(strategy) if strategy in self.facts else len(names)
        return self.is_queue(strategy), place, strategy

    def is_queue(self, strategy: str) -> bool:
        """Return whether a strategy has a worker of its own."""
        return strategy in self.facts and bool(self.facts[strategy].worker)

    def sorted(self, strategies: Iterable[str]) -> list[str]:
        """Return strategies in the one order that all charts have, each once."""
        return sorted(set(strategies), key=self.order)

    def of(self, workload: str) -> "Tables":
        """Return the tables with the times of one workload alone."""
        mine = self.latency[self.latency["workload"] == workload]
        return replace(self, latency=mine, is_part=True)


def of_run(run: Run, frames: Mapping[str, pd.DataFrame]) -> Tables:
    """Return what the charts of a run are drawn from; its table of jobs is written already."""
    return Tables(
        baseline=run.record.profile.baseline,
        facts=run.record.strategies,
        overridden={
            strategy: overridden(told(variants[DOCUMENTED]))
            for strategy, variants in run.record.profile.variant.items()
            if variants.get(DOCUMENTED)
        },
        faults=run.record.faults,
        workloads=run.record.workloads,
        latency=frames["latency"],
        completion=frames["completion"],
        resources=frames["resources"],
        capacity=frames["capacity"],
        verdicts=frames["verdicts"],
        strips=tuple(strips.of_run(run)),
        run=run,
    )
