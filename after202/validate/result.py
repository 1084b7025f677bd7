"""The result of a check, and the context that a check is given."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from after202.hosts.cpus import CpuSets
from after202.measure.rig import Observer
from after202.plan.catalogue import Catalogue
from after202.records.trial import Trial

Observe = Callable[[Sequence[Trial], Catalogue], AbstractContextManager[Observer]]


@dataclass(frozen=True)
class Figure:
    """A figure, and whether it meets its goal; `passed` is None if it has none."""

    name: str
    value: str
    goal: str = ""
    passed: bool | None = None


@dataclass(frozen=True)
class Result:
    """All figures of a check; it passes if none of them fails and at least one is judged."""

    check: str
    question: str
    figures: tuple[Figure, ...]

    @property
    def passed(self) -> bool:
        """Whether the harness gave the known answer."""
        judged = [f.passed for f in self.figures if f.passed is not None]
        return bool(judged) and all(judged)


@dataclass(frozen=True)
class Context:
    """A check's folder for raw events, its processors, and the observer of its trials."""

    folder: Path
    cpus: CpuSets
    observe: Observe


def at_most(name: str, value: float, goal: float, unit: str = "") -> Figure:
    """Return a figure that must not be above its goal."""
    return Figure(name, f"{value:.3g}{unit}", f"at most {goal:g}{unit}", value <= goal)


def at_least(name: str, value: float, goal: float, unit: str = "") -> Figure:
    """Return a figure that must not be below its goal."""
    return Figure(name, f"{value:.3g}{unit}", f"at least {goal:g}{unit}", value >= goal)


def within(name: str, value: float, truth: float, tolerance: float, unit: str = "") -> Figure:
    """Return a figure that must be near the known answer."""
    off = value / truth - 1
    text = f"{value:.4g}{unit} where {truth:.4g}{unit} is right: {off:+.1%}"
    return Figure(name, text, f"within {tolerance:.0%}", abs(off) <= tolerance)
