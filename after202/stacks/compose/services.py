"""Services that trials on the compose stack share; restores the user's own services afterwards."""

import os
import smtplib
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Self

import psycopg

from after202.brokers.redis import BROKER as REDIS
from after202.brokers.redis import client
from after202.hosts.cpus import CpuSets
from after202.hosts.local import until
from after202.hosts.ports import HOST
from after202.kernel.model import ENVIRONMENT_PREFIX, StrategyFacts
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.servers import databases
from after202.stacks.compose import project as projects
from after202.stacks.compose.containers import Containers
from after202.stacks.compose.engine import EngineError, docker, explained
from after202.stacks.compose.project import CACHE, DATABASE, MAIL, Project, listed
from after202.stacks.compose.shared import Shared
from after202.stacks.compose.stack import ComposeStack
from after202.stacks.interface import READY_S

# Containers never run as root; if the harness does, they run as this user and group.
NOT_ROOT = 1000
SECONDS_A_DAY = 24 * 3600
TIMEOUT_S = 1.0


class ComposeServices:
    """The mail server and PostgreSQL; what the user had up is removed and brought back later."""

    def __init__(
        self,
        scratch: Path,
        cpus: CpuSets,
        mail_delay_ms: float,
        workers: Mapping[str, int],
        strategies: Mapping[str, StrategyFacts],
    ) -> None:
        """Keep the folder, the processors, and how many workers each strategy has."""
        self.scratch = scratch
        self.cpus = cpus
        self.stopping = Event()
        self.workers = workers
        self.project = projects.read()
        self._password = ""
        self.user = os.getuid() or NOT_ROOT
        self.group = os.getgid() or NOT_ROOT
        self._mail_delay_ms = mail_delay_ms
        self._strategies = strategies
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Remove what the user had up; start the mail server and PostgreSQL for this run."""
        try:
            with ExitStack() as starting:
                starting.callback(self._bring_back, self.project.running())
                self.project.remove_all_but([])
                self.project.up([DATABASE, MAIL], self.environment(), {})
                self._password = self.project.password()
                self._wait()
                self._exit = starting.pop_all()
        except EngineError as error:
            raise explained(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Bring back the services that were up before."""
        self._exit.close()

    def _wait(self) -> None:
        parts = [self.containers(DATABASE), self.containers(MAIL)]
        database = lambda: databases.answers(self.database_url)  # noqa: E731 - to poll
        until("PostgreSQL accepting connections", database, READY_S, parts)
        mail = lambda: _greets(self.project.port(MAIL))  # noqa: E731 - to poll
        until("the mail server's greeting", mail, READY_S, parts)

    @property
    def database_url(self) -> str:
        """The connection string of the database server, as seen by the harness."""
        return _database_url(self.project, self._password)

    def containers(self, service: str) -> Containers:
        """Return a service's containers."""
        return Containers(service, self.project.containers(service))

    def environment(self) -> dict[str, str]:
        """Return the variables of docker-compose.yml that hold for every trial of the run."""
        told = {
            "CPUS_UNDER_TEST": listed(self.cpus.under_test),
            "CPUS_SERVICES": listed(self.cpus.services),
            "MAIL_DELAY_MS": str(self._mail_delay_ms),
            "USER": f"{self.user}:{self.group}",
            # The harness itself watches whether parts live; health checks would cost CPU time.
            "HEALTH_INTERVAL": f"{SECONDS_A_DAY}s",
        }
        return {ENVIRONMENT_PREFIX + name: value for name, value in told.items()}

    def stack(self, trial: Trial, folder: TrialFolder, cpus: CpuSets) -> ComposeStack:
        """Return a trial's stack; nothing is started yet."""
        shared = Shared(
            project=self.project,
            stopping=self.stopping,
            database_url=self.database_url,
            password=self._password,
            user=self.user,
            group=self.group,
            workers=self.workers,
            environment=self.environment(),
        )
        return ComposeStack(shared, self._strategies[trial.arm.strategy], trial, folder, cpus)

    def _bring_back(self, before: Counter[str]) -> None:
        """Start the services that were up before, with the defaults of docker-compose.yml.

        They start together, but for those that need something made first.
        """
        self.project.remove_all_but([])
        later = {name: n for name, n in before.items() if self.project.is_prepared(name)}
        together = {name: n for name, n in before.items() if name not in later}
        if together:
            self.project.up(list(together), {}, together)
        if later:
            self.project.up_in_order(later)


def versions(project: Project) -> dict[str, str]:
    """Return the versions of the software in the images, as reported by running containers."""
    password = project.password()
    url = REDIS.url(HOST, project.port(CACHE), password)
    found = {}
    with client(url) as connection:
        found["redis-server"] = str(connection.info("server")["redis_version"])
    with psycopg.connect(_database_url(project, password)) as connection:
        found["postgresql"] = str(connection.info.parameter_status("server_version"))
    found["python in the image"] = docker("compose", "exec", "-T", MAIL, "python", "-V").split()[1]
    return found


def _database_url(project: Project, password: str) -> str:
    told, port = project.environment(DATABASE), project.port(DATABASE)
    return f"postgresql://{told['POSTGRES_USER']}:{password}@{HOST}:{port}/{told['POSTGRES_DB']}"


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP(HOST, port, timeout=TIMEOUT_S):
            return True
    except (OSError, smtplib.SMTPException):
        return False
