"""The embedded stack: child processes on 127.0.0.1, no root, no Docker.

The services of the workloads live as long as the run; the system under test (API, workers,
broker) and whatever could leak from one trial to the next (cache, database, files) are new
for every trial.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Self

import psutil

from bench.errors import TrialError
from bench.ledger import Writer
from bench.measure import strategies
from bench.measure.environment import CpuSets, anywhere
from bench.measure.process import Child, Launch, is_alive, until
from bench.measure.stack import databases, own_broker
from bench.measure.stack.client import Api
from bench.measure.stack.interface import NO_BROKER, READY_S, Place
from bench.measure.stack.ports import HOST, accepts, free_port
from bench.measure.stack.postgres import Postgres
from bench.measure.stack.valkey import Valkey
from bench.model import Role, Trial, Wiring


class EmbeddedServices:
    """What the workloads use and every trial shares: the mail server and PostgreSQL."""

    def __init__(self, scratch: Path, logs: Path, cpus: CpuSets, mail_delay_ms: float) -> None:
        """Name the folders and the processors; nothing starts yet."""
        self.scratch = scratch
        self.cpus = cpus
        self.stopping = Event()
        self.mails = scratch / "mails.jsonl"
        self._logs = logs
        self._mail_delay_ms = mail_delay_ms
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Start them."""
        with ExitStack() as starting:
            self.smtp_port = free_port()
            module = "bench.measure.stack.mail_sink"
            options = [str(self.smtp_port), str(self._mail_delay_ms), str(self.mails)]
            command = [sys.executable, "-m", module, *options]
            mail = Child(Launch("mail", command, self._logs / "mail.log", cpus=self.cpus.services))
            starting.callback(mail.kill)
            self.postgres = Postgres(self.scratch, self._logs / "postgres.log", self.cpus.services)
            starting.callback(self.postgres.stop)
            until("the mail server", lambda: accepts(self.smtp_port), READY_S, [mail])
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self._exit.close()

    @property
    def database_url(self) -> str:
        """Where the database server is."""
        return self.postgres.url()

    def stack(self, trial: Trial, place: Place) -> "EmbeddedStack":
        """Return a trial's stack; nothing of it runs yet."""
        return EmbeddedStack(self, trial, place)

    @contextmanager
    def anywhere(self) -> Iterator[None]:
        """Let what is started meanwhile run on any processor."""
        before, self.cpus = self.cpus, anywhere(self.cpus)
        try:
            yield
        finally:
            self.cpus = before


class EmbeddedStack:
    """One trial's system under test, all of it new."""

    def __init__(self, services: EmbeddedServices, trial: Trial, place: Place) -> None:
        """Say what is to be started; nothing starts yet."""
        self._services = services
        self._cpus = services.cpus
        self._trial = trial
        self._place = place
        self._name = f"after202_{time.monotonic_ns()}"
        self._scratch = services.scratch / self._name
        self._exit = ExitStack()
        self._starts: dict[Role, Callable[[], Child]] = {}
        self.roles: dict[Role, Child] = {}
        self._port = free_port()
        self.api = Api(HOST, self._port)
        self.url = self.api.url

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
    def children(self) -> Sequence[Child]:
        """The processes that must stay alive."""
        return list(self.roles.values())

    @property
    def slots(self) -> int:
        """How many jobs its worker can do at once."""
        return self._trial.slots

    def start(self, role: Role) -> None:
        """Start a role, or start it again: on the same port, and the same data.

        TrialError once the run is being stopped: nothing may come back then.
        """
        if self._services.stopping.is_set():
            raise TrialError("the run is being stopped")
        self._adopt(role, self._starts[role]())

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being stopped."""
        return self._services.stopping.is_set()

    def answers(self, role: Role) -> bool:
        """Say whether a role can be heard of; a worker cannot, apart from what it does."""
        if role is Role.API:
            return self.api.is_up()
        return role is not Role.BROKER or accepts(self._broker_port)

    def require_alive(self) -> None:
        """Raise TrialError if a role has ended."""
        for child in self.children:
            child.require_alive()

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
