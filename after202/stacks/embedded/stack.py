"""One trial's system under test, as child processes, all of them new."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import psutil

from after202 import brokers
from after202.brokers.interface import Broker, Client, ServerPlace
from after202.hosts import against, private
from after202.hosts.cpus import CpuSets
from after202.hosts.local import until
from after202.hosts.part import Launch, Part
from after202.hosts.ports import HOST
from after202.hosts.processes import MARK, is_alive, local_ports, marked, open_ports
from after202.kernel.errors import TrialError
from after202.kernel.ledger import Writer
from after202.kernel.model import NO_BROKER, StrategyFacts, Wiring
from after202.records import trial as trials
from after202.records.experiment import Role
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.servers import databases
from after202.servers.postgres import Postgres
from after202.servers.valkey import Valkey
from after202.stacks.api import Api
from after202.stacks.base import BaseStack, durability
from after202.stacks.embedded.shared import Shared
from after202.stacks.interface import READY_S

RUN_S = 60.0


class EmbeddedStack(BaseStack[Part]):
    """One trial's system under test, all of it new."""

    def __init__(
        self,
        shared: Shared,
        strategy: StrategyFacts,
        trial: Trial,
        folder: TrialFolder,
        cpus: CpuSets,
    ) -> None:
        """Prepare what to start; nothing is started yet."""
        self._port = shared.host.free_port()
        broker = brokers.load(strategy.broker) if strategy.broker else None
        api = Api(HOST, self._port, private.password())
        super().__init__(api, broker, shared.stopping)
        self._shared = shared
        self._strategy = strategy
        self._trial = trial
        self._folder = folder
        self._cpus = cpus
        self._place = against.place(strategy)
        self._name = f"after202_{time.monotonic_ns()}"
        self._scratch = shared.scratch / self._name
        self._starts: dict[Role, Callable[[], Part]] = {}

    @property
    def slots(self) -> int:
        """How many jobs its worker can do at the same time."""
        return self._trial.slots

    @property
    def own_cpus(self) -> Mapping[Role, tuple[int, ...]]:
        """The processors of each role; no role if the user's own broker may run there too.

        A worker that shares the generator's processors has none of its own.
        """
        if self._shared.broker_url:
            return {}
        shared = {*self._cpus.generator, *self._cpus.services}
        own = {role: self._cpus.of(role) for role in self.roles}
        return {role: cpus for role, cpus in own.items() if not shared.intersection(cpus)}

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""
        return psutil.Process(writer.pid) if is_alive(writer.pid) else None

    def strangers(self, clients: Collection[Client]) -> set[Client]:
        """Return the clients whose port belongs to none of this run's processes.

        A client of this machine whose connection is closed is none: its process has died, and the
        broker has not noticed yet.
        """
        ours = local_ports([psutil.Process(), *marked(os.environ[MARK])])
        others = {client for client in clients if client.port not in ours}
        is_open = open_ports() if others else set()
        return {c for c in others if c.port in is_open or not c.address.startswith(f"{HOST}:")}

    def _start_all(self) -> None:
        private.folder(self._scratch)
        log = self._folder.log("cache")
        cache = Valkey("cache", self._scratch / "cache", log, self._cpus.services)
        self._exit.callback(cache.child.kill)
        self.services = {**self._shared.services, "cache": cache.child}
        broker_url = self._start_broker()
        self.wiring = Wiring(
            variant=self._trial.arm.variant,
            overrides=dict(self._trial.arm.overrides),
            slots=self._trial.slots,
            api_processes=self._trial.arm.api_processes,
            queue=self._name,
            broker_url=broker_url,
            cache_url=cache.url,
            database_url=self._database(broker_url),
            smtp_host=HOST,
            smtp_port=self._shared.smtp_port,
            smtp_password=self._shared.smtp_password,
            api_key=self.api.key,
            data_folder=str(self._scratch / "data"),
            ledger_folder=str(self._folder.ledger),
        )
        if self._strategy.prepares:
            self._run("prepare", "apps", self._strategy.source)
        source = self._strategy.source
        self._launch(Role.API, "apps", "serve", source, str(self._port))
        if self._strategy.worker:
            self._launch(Role.WORKER, "workers", "run", self._strategy.worker)
        until("the API answering", self.is_up, READY_S, self.children)

    def _start(self, role: Role) -> None:
        """Start a role on the port that it had before."""
        self._adopt(role, self._starts[role]())

    def _database(self, broker_url: str) -> str:
        """Create the trial's database: on a server of its own if the fault hits that.

        A variant that keeps everything in one database has the broker's.
        """
        if self._strategy.variants[self._trial.arm.variant].one_database:
            return broker_url
        if trials.hits(self._trial, Role.DATABASE):
            return databases.create(self._start_database().url(), self._name)
        server = self._shared.postgres.url()
        url = databases.create(server, self._name)
        self._exit.callback(databases.drop, server, self._name)
        return url

    def _start_database(self) -> Postgres:
        server = self._shared.postgres.another(self._scratch, self._folder.log(Role.DATABASE))
        self._starts[Role.DATABASE] = server.start
        self._adopt(Role.DATABASE, server.child)
        self.services = {**self.services, "database": server.child}
        return server

    def _start_broker(self) -> str:
        """Start the broker, or use the user's own; return its URL."""
        if self.broker is None:
            return NO_BROKER
        if self._shared.broker_url:
            self.broker.require_unused(self._shared.broker_url)
            self._exit.callback(self._leave_own_broker, self.broker, self._shared.broker_url)
            return self._shared.broker_url
        log = self._folder.log(Role.BROKER)
        folder, cpus = self._scratch / "broker", self._cpus.under_test
        place = ServerPlace(folder, log, cpus, run=self._shared.scratch)
        server = self.broker.serve(place, durability(self.broker, self._trial))
        self._starts[Role.BROKER] = server.start
        self._adopt(Role.BROKER, server.child)
        return server.url

    def _leave_own_broker(self, broker: Broker, url: str) -> None:
        """Delete what this trial left on the user's own server; nothing if others use it too.

        TrialError if that fails.
        """
        if self._spares_broker:
            return
        if self._strategy.worker:
            self._run("forget", "workers", self._strategy.worker)
        broker.clear(url, self._name)

    def _run(self, command: str, module: str, source: str) -> None:
        """Run a command of the strategy's own to its end; TrialError if it fails."""
        part = self._shared.host.launch(self._told(command, module, command, source))
        try:
            until(f"the strategy's {command}", lambda: part.exit_code is not None, RUN_S, [])
            if part.exit_code:
                raise TrialError(f"the strategy's {command}() failed: {part.tail()}")
        finally:
            part.kill()

    def _launch(self, role: Role, *arguments: str) -> None:
        told = replace(self._told(role, *arguments), cpus=self._cpus.of(role))
        self._starts[role] = lambda: self._shared.host.launch(told)
        self.start(role)

    def _told(self, name: str, *arguments: str) -> Launch:
        """Return how to start one of the strategy's modules with its wiring."""
        return Launch(
            name,
            [self._place.python, "-m", *arguments],
            self._folder.log(name),
            self.wiring.environment(),
            self._cpus.under_test,
            folder=self._place.folder,
        )

    def _adopt(self, role: Role, child: Part) -> None:
        self._exit.callback(child.kill)
        self.roles[role] = child
