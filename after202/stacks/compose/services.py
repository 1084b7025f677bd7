"""What every trial on the compose stack shares; and what was up before, which is brought back."""

import os
import smtplib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Self

import psycopg

from after202.brokers import redis as broker
from after202.hosts.local import until
from after202.hosts.machine import CpuSets
from after202.hosts.ports import HOST
from after202.kernel.model import ENVIRONMENT_PREFIX
from after202.records.experiment import Trial
from after202.servers import databases
from after202.stacks.compose import project as projects
from after202.stacks.compose.containers import Containers
from after202.stacks.compose.engine import EngineError, docker, explained
from after202.stacks.compose.project import BROKER, DATABASE, MAIL, Project
from after202.stacks.compose.stack import ComposeStack
from after202.stacks.interface import READY_S, Place

# In the image nobody is root; nor is anybody where the user is.
NOT_ROOT = 1000
SECONDS_A_DAY = 24 * 3600
TIMEOUT_S = 1.0


class ComposeServices:
    """The mail server and PostgreSQL; whatever else is up is put away and brought back later."""

    def __init__(
        self, scratch: Path, cpus: CpuSets, mail_delay_ms: float, workers: Mapping[str, int]
    ) -> None:
        """Name the folders, the processors, and how many workers each strategy has."""
        self.scratch = scratch
        self.cpus = cpus
        self.stopping = Event()
        self.workers = workers
        self.project = projects.read()
        self.user = os.getuid() or NOT_ROOT
        self.group = os.getgid() or NOT_ROOT
        self._mail_delay_ms = mail_delay_ms
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Put the idle neighbours away; start the mail server and PostgreSQL as the run asks."""
        try:
            with ExitStack() as starting:
                starting.callback(self._bring_back, self.project.running())
                self.project.remove_all_but([])
                self.project.up([DATABASE, MAIL], self.environment(), {})
                self._wait()
                self._exit = starting.pop_all()
        except EngineError as error:
            raise explained(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Bring back what was up before."""
        self._exit.close()

    def _wait(self) -> None:
        parts = [self.containers(DATABASE), self.containers(MAIL)]
        database = lambda: databases.answers(self.database_url)  # noqa: E731 - to poll
        until("PostgreSQL accepting connections", database, READY_S, parts)
        mail = lambda: _greets(self.project.port(MAIL))  # noqa: E731 - to poll
        until("the mail server's greeting", mail, READY_S, parts)

    @property
    def database_url(self) -> str:
        """Where the database server is, from this side."""
        return _database_url(self.project)

    def containers(self, service: str) -> Containers:
        """Return a service's containers."""
        return Containers(service, self.project.containers(service))

    def environment(self) -> dict[str, str]:
        """Return what docker-compose.yml is told for every trial of the run."""
        told = {
            "CPUS_UNDER_TEST": _listed(self.cpus.under_test),
            "CPUS_SERVICES": _listed(self.cpus.services),
            "MAIL_DELAY_MS": str(self._mail_delay_ms),
            "USER": f"{self.user}:{self.group}",
            # The harness sees for itself whether a part lives; a check would cost its time.
            "HEALTH_INTERVAL": f"{SECONDS_A_DAY}s",
        }
        return {ENVIRONMENT_PREFIX + name: value for name, value in told.items()}

    def stack(self, trial: Trial, place: Place) -> ComposeStack:
        """Return a trial's stack; nothing of it runs yet."""
        return ComposeStack(self, trial, place)

    def _bring_back(self, before: Counter[str]) -> None:
        """Have run again what did, as docker-compose.yml says it by itself."""
        self.project.remove_all_but([])
        if before:
            self.project.up(list(before), {}, before)


def versions(project: Project) -> dict[str, str]:
    """Return the versions of what is in the images, as those that run say it."""
    url = f"redis://{HOST}:{project.port(BROKER)}/0"
    found = {}
    with broker.client(url) as connection:
        found["redis-server"] = str(connection.info("server")["redis_version"])
    with psycopg.connect(_database_url(project)) as connection:
        found["postgresql"] = str(connection.info.parameter_status("server_version"))
    found["python in the image"] = docker("compose", "exec", "-T", MAIL, "python", "-V").split()[1]
    return found


def _database_url(project: Project) -> str:
    told = project.environment(DATABASE)
    user, password = told["POSTGRES_USER"], told["POSTGRES_PASSWORD"]
    return f"postgresql://{user}:{password}@{HOST}:{project.port(DATABASE)}/{told['POSTGRES_DB']}"


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP(HOST, port, timeout=TIMEOUT_S):
            return True
    except (OSError, smtplib.SMTPException):
        return False


def _listed(cpus: Sequence[int]) -> str:
    return ",".join(map(str, cpus))
