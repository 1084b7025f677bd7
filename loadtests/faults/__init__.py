"""The faults: each file of this folder defines `FAULT`, and that is all it takes.

A fault is told a system and does to it what goes wrong; it knows nothing of how the system runs.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Protocol

from after202.kernel.errors import UsageError
from after202.records.experiment import Role

# How long a supervisor leaves a part down before it starts it again, the same for all.
DOWN_S = 1.0
# How long a deploy waits between TERM and KILL, where the strategy does not ask for more. Docker
# waits 10 s; here the jobs are some twenty times shorter than those that 10 s would be short for.
GRACE_S = 0.25
PATIENCE_S = 60.0


class System(Protocol):
    """What can be done to a system under test; each is noted with its time and its proof.

    A supervisor watches all the while: what ends by itself is started again after `DOWN_S`.
    """

    random: Random

    def kill(self, role: Role) -> None:
        """Kill every process of a part at once."""

    def kill_busy(self, role: Role) -> None:
        """Kill one process of a part, of those in the midst of a step."""

    def stop(self, role: Role, grace_s: float) -> None:
        """Ask a part's main process to end; kill all that is left of it after the grace."""

    def grace_s(self, default_s: float) -> float:
        """Return how long the strategy's variant has a supervisor wait."""

    def start(self, role: Role) -> None:
        """Start a part again, on the same data."""

    def freeze(self, role: Role) -> None:
        """Stop every process of a part where it is."""

    def thaw(self, role: Role) -> None:
        """Let a frozen part go on."""

    def reset_requests(self, count: int) -> None:
        """Send so many requests for jobs, and reset each connection before the answer."""

    def wait_for_work(self, at_most_s: float) -> None:
        """Wait until a step starts, for so long at the most."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, with what, and how Compose can do the same (empty where it cannot).

    With a `workload`, the fault is in the work itself, and no other is asked for.
    """

    hits: Role | None
    strike: Callable[[System], None]
    compose: str = ""
    workload: str | None = None


def nothing(_: System) -> None:
    """Do nothing: what goes wrong is the work, or nothing does."""


def ids() -> list[str]:
    """Return the faults' ids."""
    return sorted(_files())


def _files() -> dict[str, str]:
    """Return each fault's file by its id: A3 is in a3_*.py."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return {name.split("_")[0].upper(): name for name in found}


@cache
def load(fault_id: str) -> Fault:
    """Return a fault by its id; UsageError if there is none."""
    if fault_id not in _files():
        raise UsageError(f"unknown fault {fault_id!r}: there are {', '.join(ids())}")
    fault: Fault = importlib.import_module(f"{__name__}.{_files()[fault_id]}").FAULT
    return fault


def title(fault_id: str) -> str:
    """Return what a fault is, in a line: the first of its file's docstring."""
    module = importlib.import_module(f"{__name__}.{_files()[fault_id]}")
    return (module.__doc__ or "").split("\n")[0]
