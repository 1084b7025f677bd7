"""The faults: each file of this folder is one, and only has to define `FAULT`.

A fault acts on a `System`, and knows nothing about how that system runs.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import signature
from random import Random
from typing import Annotated, Protocol, get_type_hints

from pydantic import Field

from after202.kernel.errors import UsageError
from after202.kernel.overrides import Declared
from after202.records.experiment import Reach, Role

# How long a supervisor leaves a part down before it restarts it; the same for all faults.
DOWN_S = 1.0
# How long a deploy waits between TERM and KILL, unless the strategy asks for more. Docker waits
# 10 s; the jobs here are about twenty times shorter than jobs for which 10 s would be too short.
GRACE_S = 0.25
PATIENCE_S = 60.0

# Types of the parameters of faults.
Seconds = Annotated[float, Field(ge=0, le=600)]
Times = Annotated[int, Field(ge=1, le=100)]


class System(Protocol):
    """What can be done to a system under test; each action is recorded with time and proof.

    A supervisor watches throughout: what ends by itself is restarted after `DOWN_S`.
    """

    random: Random

    def kill(self, role: Role) -> None:
        """Kill every process of a part at the same time."""

    def kill_busy(self, role: Role) -> None:
        """Kill one process of a part that is in the middle of a step."""

    def stop(self, role: Role, grace_s: float) -> None:
        """Ask a part's main process to end; kill whatever is left of the part after the grace."""

    def grace_s(self, default_s: float) -> float:
        """Return the grace that the strategy's variant asks for, else `default_s`."""

    def start(self, role: Role) -> None:
        """Start a part again, on the same data."""

    def freeze(self, role: Role) -> None:
        """Suspend every process of a part."""

    def thaw(self, role: Role) -> None:
        """Resume a frozen part."""

    def disconnect(self, role: Role) -> None:
        """Close every connection of a broker's clients, while the broker goes on."""

    def fill(self, role: Role) -> None:
        """Fill a broker's memory, up to a limit above what it uses, until it refuses writes."""

    def starve(self, role: Role) -> None:
        """Have a broker need more memory than it may have, which ends it."""

    def free(self, role: Role) -> None:
        """Delete what filled a broker's memory, which was full until now."""

    def await_log(self, role: Role, text: str) -> None:
        """Wait until a part has logged a text since it was killed; it proves what happened."""

    def reset_requests(self, count: int) -> None:
        """Send `count` requests for jobs, and reset each connection before the answer."""

    def wait_for_work(self, at_most_s: float) -> None:
        """Wait until a step starts, for `at_most_s` at most."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, what it hits, and how Compose can do the same (empty if it cannot).

    With a `workload`, only that one is requested: the fault is in the work itself, or shows best
    with it. An episode in which the fault could have taken no work, by its `reach`, shows nothing.
    `needs` is what must be possible to do to a broker: a method of `after202.brokers.interface`.
    The arguments of `strike` after the system are the fault's parameters: a profile may override
    their defaults.
    """

    hits: Role | None
    strike: Callable[..., None]
    compose: str = ""
    workload: str | None = None
    reach: Reach = Reach.STRIKE
    needs: str = ""


def nothing(_: System) -> None:
    """Do nothing: either the work itself goes wrong, or nothing does."""


def ids() -> list[str]:
    """Return the faults' ids."""
    return sorted(_files())


def _files() -> dict[str, str]:
    """Return each fault's file by its id: A3 is in a3_*.py."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return {name.split("_")[0].upper(): name for name in found}


@cache
def load(fault_id: str) -> Fault:
    """Return a fault by its id; UsageError if there is no such fault."""
    if fault_id not in _files():
        raise UsageError(f"unknown fault {fault_id!r}: there are {', '.join(ids())}")
    fault: Fault = importlib.import_module(f"{__name__}.{_files()[fault_id]}").FAULT
    return fault


def parameters(fault_id: str) -> Declared:
    """Return a fault's parameters by name, each with its type and its default."""
    strike = load(fault_id).strike
    types = get_type_hints(strike, include_extras=True)
    _, *own = signature(strike).parameters.values()
    return {one.name: (types[one.name], one.default) for one in own}


def title(fault_id: str) -> str:
    """Return a one-line description of a fault: the first line of its file's docstring."""
    module = importlib.import_module(f"{__name__}.{_files()[fault_id]}")
    return (module.__doc__ or "").split("\n")[0]
