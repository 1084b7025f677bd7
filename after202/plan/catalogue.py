"""What can be measured: the strategies, as they describe themselves, and the workloads."""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from after202.kernel.paths import SUITE
from after202.records.experiment import Role

APPS = SUITE / "apps"
WORKLOADS = SUITE / "workers" / "workloads"
HIDDEN = "_"
IS_STRATEGY = re.compile(r"^STRATEGY\b", re.MULTILINE)


@dataclass(frozen=True)
class BrokerFacts:
    """What a broker can write to disk, in its own terms, its default, and what it lacks.

    `lacks` are things that faults may need to do to it and that it has no like of, with reasons.
    """

    durabilities: tuple[str, ...]
    usual: str
    lacks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """The strategies that a profile may name, by name; hidden ones only if requested.

    `unavailable` are those that cannot run here, each with the reason.
    """

    strategies: Mapping[str, StrategyFacts] = field(default_factory=dict)
    brokers: Mapping[str, BrokerFacts] = field(default_factory=dict)
    unavailable: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return the strategies that a profile measures if it names none."""
        return [name for name in sorted(self.strategies) if not name.startswith(HIDDEN)]

    def __getitem__(self, name: str) -> StrategyFacts:
        """Return a strategy by name; UsageError if there is none, or if it cannot run here."""
        if name in self.unavailable:
            raise UsageError(f"{name} is not available here: {self.unavailable[name]}")
        if name not in self.strategies:
            raise UsageError(f"unknown strategy {name!r}: there are {', '.join(self.names())}")
        return self.strategies[name]

    def roles(self, name: str) -> set[Role]:
        """Return the parts that a strategy has."""
        facts = self[name]
        parts = {Role.API: True, Role.WORKER: bool(facts.worker), Role.BROKER: bool(facts.broker)}
        return {role for role, there in parts.items() if there}

    def broker(self, name: str) -> BrokerFacts | None:
        """Return what is known of a strategy's broker; None without a broker."""
        broker = self[name].broker
        return self.brokers[broker] if broker else None

    def has_queue(self, name: str) -> bool:
        """Whether the strategy has a worker or a broker, and so takes longer to start."""
        return self.roles(name) != {Role.API}


def strategy_files() -> list[str]:
    """Return the names of the files in apps/ that define a strategy, except the hidden ones."""
    files = sorted(APPS.glob("[!_]*.py"))
    return [path.stem for path in files if IS_STRATEGY.search(path.read_text(encoding="utf-8"))]


def is_strategy(source: str) -> bool:
    """Whether a strategy has this name, hidden or not, or a file is at this path."""
    if source.endswith(".py"):
        return Path(source).is_file()
    hidden = [path.stem for path in APPS.glob("_*.py") if path.stem != "__init__"]
    wraps = (source.removeprefix(f"{name}_") for name in hidden if source.startswith(f"{name}_"))
    return source in {*strategy_files(), *hidden} or any(name in strategy_files() for name in wraps)


def require_strategies(sources: Iterable[str]) -> None:
    """Raise UsageError if one of these strategies does not exist."""
    for source in sources:
        if not is_strategy(source):
            raise UsageError(
                f"unknown strategy {source!r}: there are {', '.join(strategy_files())}, or give a"
                " .py file's path"
            )


def workloads() -> list[str]:
    """Return the names of the workloads: the files in their folder."""
    return sorted(path.stem for path in WORKLOADS.glob("[!_]*.py") if path.stem != "__init__")


def workload_summaries() -> dict[str, str]:
    """Return the first line of each workload's docstring."""
    return {name: _summary(WORKLOADS / f"{name}.py") for name in workloads()}


def strategy_summaries() -> dict[str, str]:
    """Return the first line of each strategy's docstring; none of them is loaded for that."""
    return {name: _summary(APPS / f"{name}.py") for name in strategy_files()}


def _summary(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n")[0]


def require_workloads(names: Iterable[str]) -> None:
    """Raise UsageError if one of these workloads does not exist."""
    for name in names:
        if name not in workloads():
            raise UsageError(f"unknown workload {name!r}: there are {', '.join(workloads())}")


def file_name(name: str) -> str:
    """Return an arm's name as part of a folder's name."""
    return name.replace("#", "-").replace(" ", "-")
