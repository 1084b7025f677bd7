"""What a trial runs on: the same interface whether child processes or containers are behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol, Self

import psutil

from after202.hosts.machine import CpuSets
from after202.hosts.part import Part
from after202.kernel.ledger import Writer
from after202.kernel.model import Wiring
from after202.records.experiment import Role, Trial
from after202.stacks.api import Api

READY_S = 60.0
NO_BROKER = "redis://127.0.0.1:1/0"  # an in-process strategy has none


@dataclass(frozen=True)
class Place:
    """Where a trial's parts keep things, and a broker of the user's own if there is one."""

    logs: Path
    ledger: Path
    broker_url: str | None = None


class Stack(Protocol):
    """One trial's system under test, all of it new; entering it starts every role.

    The wiring is what the harness sees: its addresses are those of the harness's side.
    """

    url: str
    api: Api
    wiring: Wiring

    def __enter__(self) -> Self:
        """Start every role; ready means that the API answers."""

    def __exit__(self, *_: object) -> None:
        """Stop every role."""

    @property
    def roles(self) -> Mapping[Role, Part]:
        """What runs, by its role."""

    @property
    def children(self) -> Sequence[Part]:
        """The parts that must stay alive."""

    @property
    def slots(self) -> int:
        """How many jobs the workers that run can do at once; for an API, what it is told."""

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being stopped."""

    def start(self, role: Role) -> None:
        """Start a role again: at the same address, and on the same data.

        TrialError once the run is being stopped: nothing may come back then.
        """

    def answers(self, role: Role) -> bool:
        """Say whether a role can be heard of; a worker cannot, apart from what it does."""

    def require_alive(self) -> None:
        """Raise TrialError if a role has ended."""

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""

    def strangers(self, clients: Sequence[Mapping[str, str]]) -> set[str]:
        """Return who among the broker's clients, as CLIENT LIST has them, is not of this trial."""


class Services(Protocol):
    """What the workloads use and every trial shares; entering it starts it."""

    scratch: Path
    cpus: CpuSets
    stopping: Event

    def __enter__(self) -> Self:
        """Start them."""

    def __exit__(self, *_: object) -> None:
        """Stop them."""

    @property
    def database_url(self) -> str:
        """Where the database server is."""

    def stack(self, trial: Trial, place: Place) -> Stack:
        """Return a trial's stack; nothing of it runs yet."""
