"""One trial's system under test, as child processes, all of them new."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from after202.brokers import own as own_broker
from after202.hosts.local import Child, Launch, until
from after202.hosts.ports import HOST, accepts, free_port
from after202.hosts.processes import is_alive
from after202.kernel.ledger import Writer
from after202.kernel.model import Wiring
from after202.plan import catalogue as strategies
from after202.records.experiment import Role, Trial
from after202.servers import databases
from after202.servers.valkey import Valkey
from after202.stacks.api import Api
from after202.stacks.base import BaseStack
from after202.stacks.interface import NO_BROKER, READY_S, Place

if TYPE_CHECKING:
    from after202.stacks.embedded.services import EmbeddedServices


class EmbeddedStack(BaseStack[Child]):
    """One trial's system under test, all of it new."""

    def __init__(self, services: "EmbeddedServices", trial: Trial, place: Place) -> None:
        """Say what is to be started; nothing starts yet."""
        self._port = free_port()
        super().__init__(Api(HOST, self._port), services.stopping)
        self._services = services
        self._cpus = services.cpus
        self._trial = trial
        self._place = place
        self._name = f"after202_{time.monotonic_ns()}"
        self._scratch = services.scratch / self._name
        self._starts: dict[Role, Callable[[], Child]] = {}

    @property
    def slots(self) -> int:
        """How many jobs its worker can do at once."""
        return self._trial.slots

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""
        return psutil.Process(writer.pid) if is_alive(writer.pid) else None

    def strangers(self, clients: Sequence[Mapping[str, str]]) -> set[str]:
        """Return who among the broker's clients has a port that no process of ours has."""
        ours = self._ports()
        ports = {client["addr"].rsplit(":", 1)[1] for client in clients}
        return {f"port {port}" for port in ports if int(port) not in ours}

    def _ports(self) -> set[int]:
        """Return the local ports of every connection of ours."""
        found = set()
        own = psutil.Process(os.getpid())
        for process in [own, *(process for child in self.children for process in child.tree())]:
            with suppress(psutil.Error):
                found |= {c.laddr.port for c in process.net_connections(kind="tcp") if c.laddr}
        return found

    def _start_all(self) -> None:
        services = self._services
        self._scratch.mkdir()
        strategy = self._trial.arm.strategy
        queued = strategies.has_worker(strategy)
        cache = Valkey("cache", self._scratch / "cache", self._log("cache"), self._cpus.services)
        self._exit.callback(cache.child.kill)
        database_url = databases.create(services.database_url, self._name)
        self._exit.callback(databases.drop, services.database_url, self._name)
        self.wiring = Wiring(
            variant=self._trial.arm.variant,
            slots=self._trial.slots,
            queue=self._name,
            broker_url=self._broker() if queued else NO_BROKER,
            cache_url=cache.url,
            database_url=database_url,
            smtp_host=HOST,
            smtp_port=services.smtp_port,
            data_folder=str(self._scratch / "data"),
            ledger_folder=str(self._place.ledger),
        )
        self._launch(Role.API, "apps", strategy, str(self._port))
        if queued:
            self._launch(Role.WORKER, "workers", strategy)
        until("the API answering", self.api.is_up, READY_S, self.children)

    def _start(self, role: Role) -> None:
        """Start a role on its port."""
        self._adopt(role, self._starts[role]())

    def _broker_answers(self) -> bool:
        return accepts(self._broker_port)

    def _broker(self) -> str:
        """Start the broker, or take the user's own."""
        if self._place.broker_url:
            self._exit.callback(own_broker.clear, self._place.broker_url)
            return self._place.broker_url
        folder, log = self._scratch / "broker", self._log(Role.BROKER)
        broker = Valkey(Role.BROKER, folder, log, self._cpus.under_test, self._trial.broker)
        self._broker_port = broker.port
        self._starts[Role.BROKER] = broker.start
        self._adopt(Role.BROKER, broker.child)
        return broker.url

    def _launch(self, role: Role, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        environment = self.wiring.environment()
        launch = Launch(role, command, self._log(role), environment, self._cpus.under_test)
        self._starts[role] = lambda: Child(launch)
        self.start(role)

    def _adopt(self, role: Role, child: Child) -> None:
        self._exit.callback(child.kill)
        self.roles[role] = child

    def _log(self, name: str) -> Path:
        return self._place.logs / f"{name}.log"
