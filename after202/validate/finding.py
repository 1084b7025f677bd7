"""What a check finds, and what it is given to find it with."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from after202.hosts.machine import CpuSets
from after202.measure.run import Observer
from after202.records.experiment import Trial


@dataclass(frozen=True)
class Figure:
    """A figure, and whether it is as it has to be; None where nothing is demanded of it."""

    name: str
    value: str
    goal: str = ""
    passed: bool | None = None


@dataclass(frozen=True)
class Finding:
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
    """Where a check keeps its raw events, on which processors, and whom it tells of trials."""

    folder: Path
    cpus: CpuSets
    observe: Callable[[Sequence[Trial]], AbstractContextManager[Observer]]


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
