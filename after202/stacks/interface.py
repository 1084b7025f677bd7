"""Protocols of what a trial runs on, for child processes and for containers."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Protocol, Self

import psutil

from after202.brokers.interface import Broker, Client
from after202.hosts.cpus import CpuSets
from after202.hosts.part import Part
from after202.kernel.ledger import Writer
from after202.kernel.model import Wiring
from after202.records.experiment import Role
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.stacks.api import Api

READY_S = 60.0


class Stack(Protocol):
    """One trial's system under test, all of it new; entering it starts every role.

    The wiring holds the addresses at which the harness, not a container, reaches the parts.
    """

    url: str
    api: Api
    wiring: Wiring
    broker: Broker | None

    def __enter__(self) -> Self:
        """Start every role; ready means that the API answers."""

    def __exit__(self, *_: object) -> None:
        """Stop every role."""

    @property
    def roles(self) -> Mapping[Role, Part]:
        """The running parts, by role."""

    @property
    def services(self) -> Mapping[str, Part]:
        """The mail server, the database and the cache that its jobs use, by name."""

    @property
    def children(self) -> Sequence[Part]:
        """The parts that must stay alive."""

    @property
    def slots(self) -> int:
        """How many jobs the running workers can do at the same time; without any, the setting."""

    @property
    def own_cpus(self) -> Mapping[Role, tuple[int, ...]]:
        """The processors of each role that nothing but roles should use; no role if others may."""

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being stopped."""

    def start(self, role: Role) -> None:
        """Start a role again, at the same address and on the same data.

        TrialError once the run is being stopped, because nothing may be started after that.
        """

    def answers(self, role: Role) -> bool:
        """Return whether a role answers; always True for a worker, which has no address."""

    def written(self, table: str) -> tuple[str, ...]:
        """Return the ids of the jobs that have a row in a table of the workloads' database.

        TrialError if the database does not answer.
        """

    def require_alive(self) -> None:
        """Raise TrialError if a role has ended."""

    def lives(self, writer: Writer) -> bool:
        """Whether the process that writes a file of the ledger still lives."""

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""

    def clients(self) -> list[Client]:
        """Return the broker's clients, except the harness itself; none without a broker."""

    def strangers(self, clients: Collection[Client]) -> set[Client]:
        """Return which of the broker's clients do not belong to this trial."""

    def spare_broker(self) -> None:
        """Delete nothing from a user's own broker at the end, because others use it as well."""


class Services(Protocol):
    """The servers that workloads use and all trials share; entering it starts them."""

    scratch: Path
    cpus: CpuSets
    stopping: Event

    def __enter__(self) -> Self:
        """Start them."""

    def __exit__(self, *_: object) -> None:
        """Stop them."""

    @property
    def database_url(self) -> str:
        """The connection string of the database server."""

    def stack(self, trial: Trial, folder: TrialFolder, cpus: CpuSets) -> Stack:
        """Return a trial's stack, which will run on these processors; nothing is started yet."""
