"""What all stacks share: every part starts or none does, and every part is ended."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Generic, Self, TypeVar

import psutil

from after202.brokers.interface import Broker, Client
from after202.hosts.part import Part
from after202.kernel.errors import TrialError
from after202.kernel.ledger import Writer
from after202.kernel.model import API_STARTED, HARNESS, Wiring
from after202.records.experiment import Role
from after202.records.trial import Episode, Trial
from after202.servers import databases
from after202.stacks.api import Api

P = TypeVar("P", bound=Part)


def durability(broker: Broker, trial: Trial) -> str:
    """Return what a trial's broker writes to disk: the least that it can, unless an episode."""
    return trial.durability if isinstance(trial, Episode) else broker.durabilities[0]


class BaseStack(ABC, Generic[P]):
    """A stack whose parts are all of one kind; `_exit` collects the callbacks that end them."""

    wiring: Wiring

    def __init__(self, api: Api, broker: Broker | None, stopping: Event) -> None:
        """Keep the API's client and the broker; `stopping` is set when the run is being stopped."""
        self.api = api
        self.url = api.url
        self.broker = broker
        self.roles: dict[Role, P] = {}
        self.services: dict[str, P] = {}
        self._stopping = stopping
        self._exit = ExitStack()
        self._spares_broker = False

    def __enter__(self) -> Self:
        """Start every role; ready means that the API answers."""
        try:
            self._start_all()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every role."""
        self._exit.close()

    @property
    def children(self) -> Sequence[P]:
        """The parts that must stay alive."""
        return list(self.roles.values())

    @property
    def own_cpus(self) -> Mapping[Role, tuple[int, ...]]:
        """The processors of each role that nothing but roles should use; no role if others may."""
        return {}

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being stopped."""
        return self._stopping.is_set()

    def start(self, role: Role) -> None:
        """Start a role, or start it again at the same address and on the same data.

        TrialError once the run is being stopped, because nothing may be started after that.
        """
        if self.is_stopping:
            raise TrialError("the run is being stopped")
        self._start(role)

    def answers(self, role: Role) -> bool:
        """Return whether a role answers; always True for a worker, which has no address."""
        if role is Role.API:
            return self.api.is_up()
        if role is Role.BROKER and self.broker is not None:
            return self.broker.answers(self.wiring.broker_url)
        if role is Role.DATABASE:
            return databases.answers(self.wiring.database_url)
        return True

    def written(self, table: str) -> tuple[str, ...]:
        """Return the ids of the jobs that have a row in a table; TrialError if nothing answers."""
        return databases.jobs_in(self.wiring.database_url, table)

    def is_up(self) -> bool:
        """Whether the API answers, and all of its processes have started."""
        started = list(Path(self.wiring.data_folder).glob(f"{API_STARTED}*"))
        return len(started) >= self.wiring.api_processes and self.api.is_up()

    def clients(self) -> list[Client]:
        """Return the broker's clients, except the harness itself."""
        if self.broker is None:
            return []
        clients = self.broker.clients(self.wiring.broker_url)
        return [client for client in clients if client.name != HARNESS]

    def spare_broker(self) -> None:
        """Delete nothing from a user's own broker at the end, because others use it as well."""
        self._spares_broker = True

    def lives(self, writer: Writer) -> bool:
        """Whether the process that writes a file of the ledger still lives."""
        return self.process(writer) is not None

    @abstractmethod
    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""

    def require_alive(self) -> None:
        """Raise TrialError if a role has ended."""
        for part in self.children:
            part.require_alive()

    @abstractmethod
    def _start_all(self) -> None:
        """Start every role."""

    @abstractmethod
    def _start(self, role: Role) -> None:
        """Start a role."""

    @abstractmethod
    def strangers(self, clients: Collection[Client]) -> set[Client]:
        """Return which of the broker's clients do not belong to this trial."""
