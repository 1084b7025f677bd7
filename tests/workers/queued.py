"""A queue whose library is in an environment of its own: its API's part, its worker, its look."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from after202.hosts import environments
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.ledger import EventKind, read_folder
from after202.kernel.model import DOCUMENTED, Look, Wiring
from tests.project import ROOT

QUEUE = "after202_tried"
TIMEOUT_S = 60.0
ENQUEUE = """
import asyncio, json, sys
from uuid import UUID
from fastapi import BackgroundTasks
from after202.kernel.model import Job
from apps import registry
from workers import workloads
from workers.settings import settings

async def main(source, workload, *ids):
    strategy, asked = registry.load(source), workloads.load(workload)
    # What a request itself writes, it writes from what was asked.
    body = json.loads(asked.example.body) if asked.written else {}
    async with strategy.running(settings()):
        for each in ids:
            job = Job(id=UUID(each), workload=workload, request=body)
            row = asked.row(job.id, asked.parse(job)) if body else None
            await strategy.variant(settings()).accept(job, BackgroundTasks(), row)

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(frozen=True)
class Queued:
    """One strategy in a variant, on a broker and in a folder of its own."""

    strategy: str
    folder: Path
    wiring: Wiring

    @property
    def python(self) -> str:
        """The strategy's interpreter."""
        return environments.python(self.strategy)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in their environment."""
        return {**os.environ, **self.wiring.environment()}

    def wired(self, **changes: Any) -> "Queued":
        """Return the same with a wiring that differs."""
        return replace(self, wiring=self.wiring.model_copy(update=changes))

    def prepare(self) -> None:
        """Prepare the broker as a run does."""
        self.run("-m", "apps", "prepare", self.strategy)

    def enqueue(self, workload: str, number: int = 1) -> list[str]:
        """Submit new jobs as the API does; return their ids."""
        jobs = [uuid4() for _ in range(number)]
        self.enqueue_jobs(workload, *jobs)
        return list(map(str, jobs))

    def enqueue_jobs(self, workload: str, *jobs: UUID) -> None:
        """Submit jobs of these ids as the API does."""
        self.run("-c", ENQUEUE, self.strategy, workload, *map(str, jobs))

    def run(self, *arguments: str) -> str:
        """Return what a command of the strategy's interpreter prints."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=TIMEOUT_S,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_heard_of(self) -> bool:
        """Return whether the queue's own module says that a worker is heard of."""
        ask = "import sys, workers; print(workers.load(sys.argv[1]).is_heard_of())"
        return self.run("-c", ask, self.strategy).strip() == str(True)

    def held(self) -> Look | None:
        """Return what the queue's own module says that it holds."""
        with self.asking() as ask:
            return ask()

    @contextmanager
    def asking(self) -> Iterator[Callable[[], Look | None]]:
        """Give a function that returns what it holds; one process answers every call."""
        process = subprocess.Popen(
            [self.python, "-m", "workers", "held", self.strategy],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
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

    def events(self, kind: EventKind) -> list[UUID]:
        """Return the jobs of all events of a kind."""
        files = read_folder(Path(self.wiring.ledger_folder))
        return [event.job_id for file in files for event in file.events if event.kind is kind]

    @contextmanager
    def worker(self) -> Iterator[Child]:
        """Run the worker; nothing is left of it."""
        command = [self.python, "-m", "workers", "run", self.strategy]
        log = self.folder / f"worker-{uuid4()}.log"
        child = Child(Launch("worker", command, log, self.wiring.environment()))
        try:
            yield child
        finally:
            child.kill()

    def wait(self, kind: EventKind, number: int, child: Child) -> None:
        """Wait until there are so many events of a kind."""
        until(
            f"{number} x {kind.name}", lambda: len(self.events(kind)) >= number, TIMEOUT_S, [child]
        )

    def until_held(self, expected: Look, *children: Child) -> None:
        """Wait until the queue holds just that; TrialError if it never does."""
        with self.asking() as ask:
            until(f"{expected}", lambda: ask() == expected, TIMEOUT_S, children)

    def kill_worker_when_held(self, expected: Look) -> None:
        """Run the worker, and kill it as soon as the queue holds just that.

        Who asks is up before the worker, which might otherwise be done before the first answer.
        """
        with self.asking() as ask:
            ask()
            with self.worker() as child:
                until(f"{expected}", lambda: ask() == expected, TIMEOUT_S, [child])


def queued(
    strategy: str, folder: Path, broker: str, variant: str = DOCUMENTED, **wired: Any
) -> Queued:
    """Return a strategy on a broker, with two slots unless told otherwise; its ledger is there."""
    ledger = folder / "ledger"
    ledger.mkdir(exist_ok=True)
    wiring = Wiring(
        broker_url=broker, queue=QUEUE, variant=variant, slots=2, ledger_folder=str(ledger)
    )
    return Queued(strategy, folder, wiring).wired(**wired)
