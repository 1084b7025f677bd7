"""What strategies, variants, workloads, faults and loads are called in the report.

Identifiers never show. A strategy's label is its own; a workload's and a fault's label is what its
docstring says before the colon.
"""

from dataclasses import dataclass

from after202.kernel.model import DOCUMENTED
from after202.records.experiment import Condition, Layout
from after202.records.labels import labels, lowered, short
from after202.records.run import RunRecord

VARIANTS = {DOCUMENTED: "default"}
LAYOUTS = {
    Layout.SHARED_CORE: "API and worker share their cores",
    Layout.WORKER_APART: "the worker has cores of its own",
}
SHORT_LAYOUTS = {Layout.SHARED_CORE: "shared core", Layout.WORKER_APART: "worker apart"}


@dataclass(frozen=True, order=True)
class Who:
    """A strategy in one of its variants."""

    strategy: str
    variant: str = DOCUMENTED


@dataclass(frozen=True)
class Names:
    """The labels of a run."""

    record: RunRecord

    def strategy(self, name: str) -> str:
        """Return a strategy's label; that of its file if the run did not store any."""
        known = labels(self.record.strategies).get(name)
        return known or _readable(name.removesuffix("_queue"))

    def what(self, name: str) -> str:
        """Return what a strategy says of itself, without its name; empty if nothing."""
        known = self.record.strategies.get(name)
        return _after_colon(known.summary) if known else ""

    def variant(self, name: str) -> str:
        """Return a variant's label."""
        variant, bracket, overrides = name.partition(" (")
        label = VARIANTS.get(variant, variant.replace("_", " "))
        return f"{label}{bracket}{overrides}"

    def who(self, who: Who) -> str:
        """Return a strategy's label with its variant, unless that is the default."""
        label = self.strategy(who.strategy)
        return label if who.variant == DOCUMENTED else f"{label}, {self.variant(who.variant)}"

    def arm(self, label: str) -> str:
        """Return the label of an arm as tables name it: a copy of the baseline is called one."""
        name, _, copy = label.partition("#")
        strategy, _, variant = name.partition(" ")
        if variant.startswith("("):  # what is overridden of the default
            variant = f"{DOCUMENTED} {variant}"
        shown = self.who(Who(strategy, variant or DOCUMENTED))
        return f"{shown}, copy {copy}" if copy else shown

    def workload(self, name: str) -> str:
        """Return a workload's label; that of its file if the run did not store any."""
        title = self.record.workloads.get(name, "")
        return short(title) if title else _readable(name)

    def work(self, name: str) -> str:
        """Return what a workload's jobs do; empty if the run did not store it."""
        return _after_colon(self.record.workloads.get(name, ""))

    def condition(self, condition: Condition) -> str:
        """Return a load's label: the work, the rate, and what is unusual about the deployment."""
        parts = [self.workload(condition.workload), self._load(condition)]
        if condition.layout is not Layout.SHARED_CORE:
            parts.append(SHORT_LAYOUTS[condition.layout])
        if condition.api_processes > 1:
            parts.append(f"{condition.api_processes} API processes")
        if condition.slots is not None:
            parts.append("1 slot" if condition.slots == 1 else f"{condition.slots} slots")
        return ", ".join(parts)

    def fault(self, name: str) -> str:
        """Return a fault's label, such as "The API crashes"."""
        title = self.record.faults.get(name, "")
        return short(title) if title else name

    def when(self, name: str) -> str:
        """Return a fault's label within a sentence, such as "the API crashes"."""
        return lowered(self.fault(name))

    @staticmethod
    def _load(condition: Condition) -> str:
        if condition.own_share is None:
            return f"{condition.rate_per_s:g}/s"
        return f"{100 * condition.own_share:g} % of its own capacity"


def _after_colon(text: str) -> str:
    rest = text.partition(": ")[2]
    return rest[:1].upper() + rest[1:]


def _readable(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
