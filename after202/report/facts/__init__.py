"""The facts of a run, as its tables say them. Nothing here is worded."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce

from after202.analyse.statistics.hodges_lehmann import LEAST_FOR_95
from after202.analyse.trials.charge import TOTAL
from after202.kernel.model import DOCUMENTED
from after202.records.experiment import NO_FAULT, Condition
from after202.report.facts import fates as fate_rows
from after202.report.facts import times as time_rows
from after202.report.facts import usage as usage_rows
from after202.report.facts.fates import ESSENTIAL, Fate
from after202.report.facts.names import Names, Who
from after202.report.facts.tables import Tables, conditions_of
from after202.report.facts.times import ANSWER, DONE, Control, Estimate, Judged
from after202.report.facts.usage import Limit, Usage

# An answer that comes this late, as a share of the time until the work is done, comes after it.
WORKS_FIRST_FROM = 0.9


@dataclass(frozen=True)
class Facts:
    """One run's tables, looked up by strategy, load, metric and fault."""

    tables: Tables

    @cached_property
    def names(self) -> Names:
        """What things are called."""
        return Names(self.tables.record)

    @property
    def baseline(self) -> Who:
        """What the others are compared with."""
        profile = self.tables.record.profile
        return Who(profile.baseline, profile.variants[0])

    @cached_property
    def times(self) -> dict[time_rows.Key, Estimate]:
        """Times by strategy, load, metric and quantile."""
        return time_rows.estimates(self.tables.rows("latency"))

    @cached_property
    def verdicts(self) -> dict[time_rows.Key, Judged]:
        """Differences from the baseline, by the same keys."""
        return time_rows.verdicts(self.tables.rows("verdicts"))

    @cached_property
    def controls(self) -> list[Control]:
        """The live A/A tests."""
        return time_rows.controls(self.tables.rows("verdicts"))

    @cached_property
    def usage(self) -> dict[usage_rows.Key, Usage]:
        """CPU time and memory, by strategy, load and role."""
        return usage_rows.usage(self.tables.rows("resources"))

    @cached_property
    def limits(self) -> dict[Who, Limit]:
        """The capacities that were searched for."""
        return usage_rows.limits(self.tables.rows("capacity"))

    @cached_property
    def cells(self) -> dict[fate_rows.Cell, Fate]:
        """What became of accepted jobs, by fault, broker and strategy."""
        return fate_rows.fates(self.tables.rows("completion"))

    @cached_property
    def faults(self) -> list[str]:
        """The faults that were tried."""
        return fate_rows.struck(self.cells)

    @cached_property
    def conditions(self) -> list[Condition]:
        """The loads whose times were measured, in the order of the plan."""
        measured = list(conditions_of(self.tables.rows("latency")))
        return [one for one in measured if any(key[1] == one for key in self.times)]

    @cached_property
    def primary(self) -> Condition | None:
        """The load that the short answer is about.

        The one with enough blocks for verdicts; of these the one with the most strategies; of these
        the first.
        """
        compared = [one for one in self.conditions if one.own_share is None]
        return max(compared or self.conditions, key=self._weight, default=None)

    def _weight(self, condition: Condition) -> tuple[int, int, int]:
        strategies = {who.strategy for who in self.measured(condition)}
        return min(self.blocks(condition), LEAST_FOR_95), len(strategies), self.blocks(condition)

    def blocks(self, condition: Condition) -> int:
        """Return how many valid trials the baseline has, or whoever has the most without it."""
        found = {who: self.time(who, condition, ANSWER) for who in self.measured(condition)}
        mine = found.get(self.baseline)
        every = [mine] if mine else list(found.values())
        return max((one.trials for one in every if one), default=0)

    def has_verdicts(self, condition: Condition | None) -> bool:
        """Whether a load has as many blocks as a verdict takes, and a baseline to compare with."""
        return (
            condition is not None
            and (self.baseline, condition, ANSWER, 0.5) in self.times
            and self.blocks(condition) >= LEAST_FOR_95
        )

    @cached_property
    def everyone(self) -> list[Who]:
        """Every strategy and variant, in-process ones first; the same order everywhere."""
        struck = [who for (fault, _, who) in self.cells if fault != NO_FAULT]
        found = [*(key[0] for key in self.times), *struck, *self.limits]
        return self.ordered(found)

    def ordered(self, found: Iterable[Who]) -> list[Who]:
        """Return each once: in-process first, then queues; the baseline, then by label."""
        return sorted(set(found), key=self._place)

    def _place(self, who: Who) -> tuple[object, ...]:
        variants = list(self.tables.record.profile.variants)
        known = who.variant in variants
        return (
            self.has_worker(who), who.strategy != self.baseline.strategy,
            self.names.strategy(who.strategy).casefold(), who.strategy,
            variants.index(who.variant) if known else len(variants), who.variant,
        )  # fmt: skip

    def measured(self, condition: Condition) -> list[Who]:
        """Return whose times were measured at a load."""
        return self.ordered(
            who for who, at, metric, quantile in self.times
            if at == condition and (metric, quantile) == (ANSWER, 0.5)
        )  # fmt: skip

    def defaults(self, condition: Condition) -> list[Who]:
        """Return the default variants that were measured at a load; all, if there are none."""
        found = self.measured(condition)
        return [who for who in found if who.variant == DOCUMENTED] or found

    def has_worker(self, who: Who) -> bool:
        """Whether its work is done by a worker, and not by the API."""
        known = self.tables.record.strategies.get(who.strategy)
        if known is not None:
            return bool(known.worker)
        return any(key[0].strategy == who.strategy and key[2] == "worker" for key in self.usage)

    def works_first(self, who: Who) -> bool:
        """Whether it does the work before it answers."""
        if self.has_worker(who):
            return False
        both = [
            (self.ms(who, one, ANSWER), self.ms(who, one, DONE))
            for one in self.conditions
            if self.time(who, one, ANSWER) and self.time(who, one, DONE)
        ]
        known = [(answer, done) for answer, done in both if math.isfinite(done)]
        return bool(known) and all(answer > WORKS_FIRST_FROM * done for answer, done in known)

    def time(
        self, who: Who, condition: Condition, metric: str, quantile: float = 0.5
    ) -> Estimate | None:
        """Return a time; None if it was not measured."""
        return self.times.get((who, condition, metric, quantile))

    def ms(self, who: Who, condition: Condition, metric: str, quantile: float = 0.5) -> float:
        """Return a time in ms; KeyError if it was not measured."""
        return self.times[who, condition, metric, quantile].ms

    def judged(
        self, who: Who, condition: Condition, metric: str, quantile: float = 0.5
    ) -> Judged | None:
        """Return the difference from the baseline; None for the baseline, and without a pair."""
        return self.verdicts.get((who, condition, metric, quantile))

    def used(self, who: Who, condition: Condition, role: str = TOTAL) -> Usage | None:
        """Return what a role used; None if that is not known."""
        return self.usage.get((who, condition, role))

    def fate(self, who: Who, *names: str) -> Fate | None:
        """Return what became of the jobs in these faults together; None if it met none of them."""
        found = [
            fate for (fault, _, one), fate in self.cells.items() if one == who and fault in names
        ]
        return reduce(Fate.__add__, found) if found else None

    def met(self, *names: str) -> dict[Who, Fate]:
        """Return what became of the jobs in these faults, by who met any of them."""
        found = ((who, self.fate(who, *names)) for who in self.everyone)
        return {who: fate for who, fate in found if fate is not None}

    def essential(self, who: Who) -> tuple[str, ...]:
        """Return the faults that it must survive to be called safe: those that can hit it."""
        worker = self.has_worker(who)
        return tuple(name for name in ESSENTIAL if worker or not name.startswith("W"))
