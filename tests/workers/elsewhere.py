"""A queue whose library is in an environment of its own, asked and filled from there."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from after202.hosts import environments
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.model import DOCUMENTED, Look, Wiring
from after202.kernel.overrides import Scalar
from tests.project import ROOT
from tests.workers.test_held import ENQUEUE

READY_S, ENQUEUED_S = 30.0, 60.0


@dataclass(frozen=True)
class Queue:
    """A strategy's queue on a broker; `folder` is for its worker's ledger and log."""

    strategy: str
    broker_url: str
    folder: Path
    variant: str = DOCUMENTED
    overrides: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def wiring(self) -> Wiring:
        """What its processes are told: there is one slot."""
        return Wiring(
            broker_url=self.broker_url,
            queue="after202_elsewhere",
            variant=self.variant,
            overrides=dict(self.overrides),
            slots=1,
            ledger_folder=str(self.folder / "ledger"),
        )

    def enqueue(self, workload: str, *jobs: UUID) -> None:
        """Enqueue as the API does."""
        names = [self.strategy, self.variant, workload, *map(str, jobs)]
        subprocess.run(
            [environments.python(self.strategy), "-c", ENQUEUE, *names],
            cwd=ROOT, env={**os.environ, **self.wiring.environment()},
            check=True, timeout=ENQUEUED_S,
        )  # fmt: skip

    def held(self) -> Look | None:
        """Return what the queue's own module says that it holds."""
        with self.asking() as ask:
            return ask()

    @contextmanager
    def asking(self) -> Iterator[Callable[[], Look | None]]:
        """Give a function that returns what it holds; one process answers every call."""
        process = subprocess.Popen(
            [environments.python(self.strategy), "-m", "workers", "held", self.strategy],
            cwd=ROOT, env={**os.environ, **self.wiring.environment()},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

        def ask() -> Look | None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(self.wiring.model_dump_json() + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            return None if answer is None else Look.model_validate(answer)

        with process:
            yield ask

    @contextmanager
    def worker(self) -> Iterator[Child]:
        """Run its worker; at the end it is killed, with the processes that it started."""
        (self.folder / "ledger").mkdir(exist_ok=True)
        command = [environments.python(self.strategy), "-m", "workers", "run", self.strategy]
        log = self.folder / "worker.log"
        child = Child(Launch("worker", command, log, self.wiring.environment()))
        try:
            yield child
        finally:
            child.kill()

    def until_held(self, expected: Look, child: Child) -> None:
        """Wait until it holds just that; TrialError, with the worker's log, if it never does."""
        with self.asking() as ask:
            until(f"{expected}", lambda: ask() == expected, READY_S, [child])

    def kill_worker_when_held(self, expected: Look) -> None:
        """Run the worker, and kill it as soon as the queue holds just that.

        Who asks is up before the worker, which might otherwise be done before the first answer.
        """
        with self.asking() as ask:
            ask()
            with self.worker() as child:
                until(f"{expected}", lambda: ask() == expected, READY_S, [child])
