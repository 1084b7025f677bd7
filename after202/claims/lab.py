"""The lab: where one run of an experiment starts its servers, and where all of them end."""

import json
import os
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from after202 import brokers
from after202.brokers.interface import ServerPlace
from after202.claims.broker import REDIS, Broker
from after202.claims.process import Process, Server, begun
from after202.hosts import private
from after202.hosts.cpus import CpuSets
from after202.hosts.local import NOBODY, Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, free_port
from after202.kernel.errors import TrialError
from after202.kernel.paths import SUITE
from after202.servers import databases, postgres
from loadtests import claims
from loadtests.claims import Mark
from loadtests.claims.inside import DATABASE_URL, MARKS, REDIS_URL

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_S = 0.005
REST = 0.99
Kind = TypeVar("Kind", bound=Process)


class Lab:
    """What an experiment can start, and what it can read of that; a context manager.

    `module` has the experiment's apps and tasks, and `python` is the interpreter that runs them.
    """

    def __init__(self, module: str, folder: Path, cpus: CpuSets, python: str = "") -> None:
        """Keep logs and marks in a folder, which is created."""
        folder.mkdir(parents=True)
        self._module, self._folder, self._cpus = module, folder, cpus
        self._python = python or sys.executable
        self._marks = folder / "marks.jsonl"
        self._environment = {MARKS: str(self._marks), "PYTHONPATH": str(SUITE)}
        self._started: list[Callable[[], object]] = []
        self._count = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Kill all that was started, the latest first."""
        while self._started:
            self._started.pop()()

    def serve(self, app: str = "app", *options: str, workers: int = 1) -> Server:
        """Start an app of the claim's file under uvicorn, and wait until it accepts connections."""
        port = free_port()
        words = ["-m", "uvicorn", f"{self._module}:{app}", "--host", HOST, "--port", str(port)]
        words += ["--workers", str(workers), "--no-access-log", *options]
        server = self._kept(Server(self._launch("api", words), port))
        self._started.append(server.hang_up)
        return server

    def redis(self, durability: str = "save points") -> Broker:
        """Start a Redis; what is started after it finds it."""
        name = self._named("redis")
        place = ServerPlace(self._folder / name, self._log(name), self._cpus.under_test)
        found = self._kept(Broker(brokers.load(REDIS).serve(place, durability)))
        self._environment[REDIS_URL] = found.url
        return found

    def postgres(self) -> str:
        """Make an empty database on a server of its own; what is started after it finds it."""
        name = self._named("postgres")
        scratch = _scratch()
        self._started.append(partial(shutil.rmtree, scratch, ignore_errors=True))
        server = postgres.Postgres(scratch, self._log(name), self._cpus.services, name=name)
        self._started.append(server.child.kill)
        until("PostgreSQL answering", lambda: databases.answers(server.url()), 30, [server.child])
        url = databases.create(server.url(), "claim")
        self._environment[DATABASE_URL] = url
        return url

    def celery(self, app: str = "celery", *options: str) -> Process:
        """Start a worker of a Celery app of the claim's file, and wait until it is ready."""
        words = ["-m", "celery", "-A", f"{self._module}:{app}", "worker", "-l", "INFO"]
        return self._ready("celery", [*words, *options], " ready.")

    def rq(self, *options: str) -> Process:
        """Start an RQ worker of the queue `default`, and wait until it listens."""
        words = ["-m", "rq.cli", "worker", "--url", self._environment[REDIS_URL]]
        return self._ready("rq", [*words, *options, "default"], "Listening on")

    def python(self, name: str, *options: str, ready: str = "") -> Process:
        """Start Python with these options; wait until its log has the text `ready`."""
        return self._ready(name, list(options), ready)

    def marks(self, name: str = "") -> list[Mark]:
        """Return the marks of this name, or all, in the order in which they were made."""
        if not self._marks.exists():
            return []
        lines = self._marks.read_text(encoding="utf-8").splitlines()
        found = sorted((Mark(**json.loads(line)) for line in lines), key=lambda one: one.at_s)
        return [one for one in found if name in ("", one.name)]

    def wait_for(self, name: str, count: int = 1, timeout_s: float = 20) -> list[Mark]:
        """Wait for so many marks of a name; TrialError if they do not come."""
        if not self.comes(name, count, timeout_s):
            seen = [one.name for one in self.marks()]
            raise TrialError(f"{name!r} was not marked {count} times in {timeout_s:g} s: {seen}")
        return self.marks(name)

    def comes(self, name: str, count: int = 1, timeout_s: float = 20) -> bool:
        """Wait for so many marks of a name; return whether they came."""
        deadline_s = time.monotonic() + timeout_s
        while len(self.marks(name)) < count:
            if time.monotonic() > deadline_s:
                return False
            time.sleep(POLL_S)
        return True

    def at_rest(self, server: claims.Server, path: str = "/ping", seconds: float = 1.0) -> float:
        """Return the p99 of the answers, in ms, while the server does nothing else."""
        with server.probing(path) as times_ms:
            time.sleep(seconds)
        return sorted(times_ms)[int(REST * (len(times_ms) - 1))]

    def _ready(self, name: str, words: list[str], text: str) -> Process:
        launch = self._launch(name, words)

        def begin() -> Child:
            written = launch.log.stat().st_size if launch.log.exists() else 0
            return begun(launch, lambda child: text in child.log_text()[written:])

        return self._kept(Process(begin))

    def _kept(self, one: Kind) -> Kind:
        self._started.append(one.kill)
        return one

    def _launch(self, name: str, words: list[str]) -> Launch:
        unique = self._named(name)
        return Launch(
            unique,
            [self._python, *words],
            self._log(unique),
            environment=dict(self._environment),
            cpus=self._cpus.under_test,
        )

    def _named(self, name: str) -> str:
        self._count += 1
        return f"{self._count}-{name}"

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _scratch() -> Path:
    """Return a new folder below the harness's own, which a server that is not root can get to."""
    above = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    found = Path(tempfile.mkdtemp(prefix="lab-", dir=above))
    if os.geteuid() == 0 and above.stat().st_mode & 0o077 == 0:
        private.let_through(above, NOBODY)
    return found
