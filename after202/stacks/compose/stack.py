"""One trial's services of docker-compose.yml, recreated for it."""

import json
import os
import shutil
import time
from collections.abc import Collection

import psutil

from after202 import brokers
from after202.brokers.interface import Client
from after202.brokers.redis import BROKER as REDIS
from after202.hosts import private
from after202.hosts.cpus import CpuSets
from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.kernel.ledger import Writer
from after202.kernel.model import ENVIRONMENT_PREFIX, NO_BROKER, StrategyFacts, Wiring
from after202.records import trial as trials
from after202.records.experiment import Role
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.servers import databases
from after202.stacks.api import Api
from after202.stacks.base import BaseStack, durability
from after202.stacks.compose.containers import Containers
from after202.stacks.compose.engine import EngineError, explained
from after202.stacks.compose.project import CACHE, DATABASE, MAIL, listed
from after202.stacks.compose.shared import Shared
from after202.stacks.interface import READY_S


class ComposeStack(BaseStack[Containers]):
    """One trial's services: only those of the strategy under test run, all of them new."""

    def __init__(
        self,
        shared: Shared,
        strategy: StrategyFacts,
        trial: Trial,
        folder: TrialFolder,
        cpus: CpuSets,
    ) -> None:
        """Prepare what to start; nothing is started yet."""
        self._project = shared.project
        self._parts = {Role.API: self._project.service(Role.API, strategy.name)}
        port = self._project.port(self._parts[Role.API])
        broker = brokers.load(strategy.broker) if strategy.broker else None
        super().__init__(Api(HOST, port, private.password()), broker, shared.stopping)
        if strategy.worker:
            self._parts[Role.WORKER] = self._project.service(Role.WORKER, strategy.name)
        self._strategy = strategy
        self._shared = shared
        self._trial = trial
        self._folder = folder
        self._cpus = cpus
        self._name = f"after202_{time.monotonic_ns()}"
        # Beside the ledger, because an engine may see only the project's folders on this machine.
        self._data = folder.path / "data"

    @property
    def slots(self) -> int:
        """How many jobs the running worker containers can do at the same time."""
        workers = self.roles.get(Role.WORKER)
        return self._trial.slots * (len(workers.ids) if workers else 1)

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""
        found = (part.find(writer) for part in self.children)
        return next((process for process in found if process), None)

    def strangers(self, clients: Collection[Client]) -> set[Client]:
        """Return the clients whose address belongs to none of our containers."""
        ours = {address for part in self.children for address in part.addresses()}
        return {client for client in clients if client.address.rsplit(":", 1)[0] not in ours}

    def _start_all(self) -> None:
        self._prepare_folders()
        server, password = self._shared.database_url, self._shared.password
        database_url = databases.create(server, self._name)
        self._exit.callback(databases.drop, server, self._name)
        if trials.hits(self._trial, Role.DATABASE):
            self.roles[Role.DATABASE] = self._containers(DATABASE)
            self._exit.callback(self._revive_database)
        self.wiring = Wiring(
            variant=self._trial.arm.variant,
            overrides=dict(self._trial.arm.overrides),
            slots=self._trial.slots,
            api_processes=self._trial.arm.api_processes,
            queue=self._name,
            broker_url=self._broker_url(),
            cache_url=REDIS.url(HOST, self._project.port(CACHE), password),
            database_url=database_url,
            smtp_host=HOST,
            smtp_port=self._project.port(MAIL),
            smtp_password=password,
            api_key=self.api.key,
            data_folder=str(self._data),
            ledger_folder=str(self._folder.ledger),
        )
        self._exit.callback(self._remove)
        try:
            self._up_stores()
            if self._strategy.prepares:
                self._project.prepare(self._strategy.name, self._environment())
            self._up_parts()
        except EngineError as error:
            raise explained(error) from error
        until("the API answering", self.is_up, READY_S, self.children)

    def _start(self, role: Role) -> None:
        """Start the same containers again."""
        self.roles[role].start()

    def _revive_database(self) -> None:
        """Start the run's only database server again if the trial ended while it was down."""
        server = self.roles[Role.DATABASE]
        if server.exit_code is not None:
            server.start()
        until("PostgreSQL answering", lambda: self.answers(Role.DATABASE), READY_S, [server])

    def _broker_url(self) -> str:
        if self.broker is None:
            return NO_BROKER
        port = self._project.port(self.broker.service)
        return self.broker.url(HOST, port, self._shared.password)

    def _up_stores(self) -> None:
        """Start the cache, and the broker if the strategy has one."""
        stores = [CACHE, *([self.broker.service] if self.broker else [])]
        self._project.up(stores, self._environment(), {})
        if self.broker:
            self.roles[Role.BROKER] = self._containers(self.broker.service)

        def answering() -> bool:
            cache = REDIS.answers(self.wiring.cache_url)
            return cache and (not self.broker or self.broker.answers(self.wiring.broker_url))

        services = {"mail": MAIL, "database": DATABASE, "cache": CACHE}
        self.services = {name: self._containers(one) for name, one in services.items()}
        until(f"{' and '.join(stores)} answering", answering, READY_S, self.children)

    def _up_parts(self) -> None:
        """Start the API, and as many workers as the user had running.

        They start one after the other; together, Compose would wait for healthy workers first.
        """
        workers = self._shared.workers.get(self._trial.arm.strategy, 1)
        counts = {Role.WORKER: workers, Role.API: 1}
        for role in sorted(self._parts, key=[Role.WORKER, Role.API].index):
            service = self._parts[role]
            self._project.up([service], self._environment(), {service: counts[role]})
            self.roles[role] = self._containers(service)

    def _prepare_folders(self) -> None:
        """Create the folders and let the containers' user write to them."""
        self._data.mkdir()
        self._exit.callback(shutil.rmtree, self._data, ignore_errors=True)
        for folder in (self._data, self._folder.ledger):
            if os.getuid() != self._shared.user:
                os.chown(folder, self._shared.user, self._shared.group)

    def _containers(self, service: str) -> Containers:
        return Containers(service, self._project.containers(service))

    def _environment(self) -> dict[str, str]:
        broker = self.broker
        told = {
            "VARIANT": self._trial.arm.variant,
            "OVERRIDES": json.dumps(dict(self._trial.arm.overrides)),
            "SLOTS": str(self._trial.slots),
            "API_PROCESSES": str(self._trial.arm.api_processes),
            "CPUS_UNDER_TEST": listed(self._cpus.under_test),
            "CPUS_WORKER": listed(self._cpus.worker),
            "QUEUE": self._name,
            "DATABASE": self._name,
            "LEDGER": str(self._folder.ledger.resolve()),
            "DATA": str(self._data.resolve()),
            "API_KEY": self.api.key,
            **(broker.compose_settings(durability(broker, self._trial)) if broker else {}),
        }
        own = {ENVIRONMENT_PREFIX + name: value for name, value in told.items()}
        return {**self._shared.environment, **own}

    def _remove(self) -> None:
        for role, part in self.roles.items():
            self._folder.log(role).write_text(part.log_text())
        self._project.remove_all_but([DATABASE, MAIL])
