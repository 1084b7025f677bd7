"""One trial's services of docker-compose.yml, created anew for it."""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import psutil

from after202.brokers import redis as broker
from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.kernel.ledger import Writer
from after202.kernel.model import ENVIRONMENT_PREFIX, Wiring
from after202.plan import catalogue as strategies
from after202.records.experiment import Persistence, Role, Trial
from after202.servers import databases
from after202.stacks.api import Api
from after202.stacks.base import BaseStack
from after202.stacks.compose.containers import Containers
from after202.stacks.compose.engine import EngineError, explained
from after202.stacks.compose.project import BROKER, CACHE, DATABASE, MAIL
from after202.stacks.interface import NO_BROKER, READY_S, Place

if TYPE_CHECKING:
    from after202.stacks.compose.services import ComposeServices

# What docker-compose.yml sets for the broker: --save, --appendonly, --appendfsync.
PERSISTENCE = {
    Persistence.NONE: ("", "no", "everysec"),
    Persistence.SAVE_POINTS: ("3600 1 300 100 60 10000", "no", "everysec"),
    Persistence.EVERYSEC: ("", "yes", "everysec"),
    Persistence.ALWAYS: ("", "yes", "always"),
}


class ComposeStack(BaseStack[Containers]):
    """One trial's services: only those of the strategy under test run, all of them new."""

    def __init__(self, services: "ComposeServices", trial: Trial, place: Place) -> None:
        """Say what is to be started; nothing starts yet."""
        strategy = trial.arm.strategy
        self._project = services.project
        self._parts = {Role.API: self._project.service(Role.API, strategy)}
        super().__init__(Api(HOST, self._project.port(self._parts[Role.API])), services.stopping)
        self._queued = strategies.has_worker(strategy)
        if self._queued:
            self._parts[Role.WORKER] = self._project.service(Role.WORKER, strategy)
        self._services = services
        self._trial = trial
        self._place = place
        self._name = f"after202_{time.monotonic_ns()}"
        # Beside the ledger: an engine may see no other folders of this machine than the project's.
        self._data = place.ledger.parent / "data"

    @property
    def slots(self) -> int:
        """How many jobs the worker containers that run can do at once."""
        workers = self.roles.get(Role.WORKER)
        return self._trial.slots * (len(workers.ids) if workers else 1)

    def process(self, writer: Writer) -> psutil.Process | None:
        """Return the process that writes a file of the ledger, if it still lives."""
        found = (part.find(writer) for part in self.children)
        return next((process for process in found if process), None)

    def strangers(self, clients: Sequence[Mapping[str, str]]) -> set[str]:
        """Return who among the broker's clients comes from elsewhere, and is not the harness."""
        ours = {address for part in self.children for address in part.addresses()}
        others = [client["addr"] for client in clients if client["name"] != broker.NAME]
        return {other for other in others if other.rsplit(":", 1)[0] not in ours}

    def _start_all(self) -> None:
        self._prepare_folders()
        server = self._services.database_url
        database_url = databases.create(server, self._name)
        self._exit.callback(databases.drop, server, self._name)
        self.wiring = Wiring(
            variant=self._trial.arm.variant,
            slots=self._trial.slots,
            queue=self._name,
            broker_url=self._redis_url(BROKER) if self._queued else NO_BROKER,
            cache_url=self._redis_url(CACHE),
            database_url=database_url,
            smtp_host=HOST,
            smtp_port=self._project.port(MAIL),
            data_folder=str(self._data),
            ledger_folder=str(self._place.ledger),
        )
        self._exit.callback(self._remove)
        try:
            self._up_stores()
            self._up_parts()
        except EngineError as error:
            raise explained(error) from error
        until("the API answering", self.api.is_up, READY_S, self.children)

    def _start(self, role: Role) -> None:
        """Start the same containers again."""
        self.roles[role].start()

    def _broker_answers(self) -> bool:
        return broker.answers(self.wiring.broker_url)

    def _up_stores(self) -> None:
        """Start the cache, and the broker if there is to be one."""
        stores = [CACHE, *([BROKER] if self._queued else [])]
        self._project.up(stores, self._environment(), {})
        if self._queued:
            self.roles[Role.BROKER] = self._services.containers(BROKER)
        answering = lambda: all(broker.answers(self._redis_url(store)) for store in stores)  # noqa: E731
        until(f"{' and '.join(stores)} answering", answering, READY_S, self.children)

    def _up_parts(self) -> None:
        """Start as many workers as the user had up, and the API.

        One after the other: together, Compose would wait until the workers are healthy.
        """
        workers = self._services.workers.get(self._trial.arm.strategy, 1)
        counts = {Role.WORKER: workers, Role.API: 1}
        for role in sorted(self._parts, key=[Role.WORKER, Role.API].index):
            service = self._parts[role]
            self._project.up([service], self._environment(), {service: counts[role]})
            self.roles[role] = self._services.containers(service)

    def _prepare_folders(self) -> None:
        """Let the containers' user write where the harness reads."""
        self._data.mkdir()
        self._exit.callback(shutil.rmtree, self._data, ignore_errors=True)
        for folder in (self._data, self._place.ledger):
            if os.getuid() != self._services.user:
                os.chown(folder, self._services.user, self._services.group)

    def _environment(self) -> dict[str, str]:
        save, appendonly, appendfsync = PERSISTENCE[self._trial.broker]
        told = {
            "VARIANT": self._trial.arm.variant,
            "SLOTS": str(self._trial.slots),
            "QUEUE": self._name,
            "DATABASE": self._name,
            "LEDGER": str(self._place.ledger.resolve()),
            "DATA": str(self._data.resolve()),
            "BROKER_SAVE": save,
            "BROKER_APPENDONLY": appendonly,
            "BROKER_APPENDFSYNC": appendfsync,
        }
        own = {ENVIRONMENT_PREFIX + name: value for name, value in told.items()}
        return {**self._services.environment(), **own}

    def _redis_url(self, service: str) -> str:
        return f"redis://{HOST}:{self._project.port(service)}/0"

    def _remove(self) -> None:
        for role, part in self.roles.items():
            (self._place.logs / f"{role}.log").write_text(part.log_text())
        self._project.remove_all_but([DATABASE, MAIL])
