"""A queue whose library is in an environment of its own: its API's part, its worker, its look."""

import subprocess
from collections.abc import Iterator
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
import asyncio, sys
from uuid import UUID
from fastapi import BackgroundTasks
from after202.kernel.model import Job
from apps import registry
from workers.settings import settings

async def main(source, workload, *ids):
    strategy = registry.load(source)
    async with strategy.running(settings()):
        for each in ids:
            job = Job(id=UUID(each), workload=workload, request={})
            await strategy.variant(settings()).submit(job, BackgroundTasks())

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

    def wired(self, **changes: Any) -> "Queued":
        """Return the same with a wiring that differs."""
        return replace(self, wiring=self.wiring.model_copy(update=changes))

    def enqueue(self, workload: str, number: int = 1) -> list[str]:
        """Submit new jobs as the API does; return their ids."""
        ids = [str(uuid4()) for _ in range(number)]
        self.run("-c", ENQUEUE, self.strategy, workload, *ids)
        return ids

    def run(self, *arguments: str, given: str = "") -> str:
        """Return what a command of the strategy's interpreter prints."""
        done = subprocess.run(
            [self.python, *arguments],
            cwd=ROOT, env=self.wiring.environment(), input=given, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def held(self) -> Look | None:
        """Return what the queue's own module says that it holds."""
        said = self.run("-m", "workers", "held", self.strategy, given=self.wiring.model_dump_json())
        return None if said.strip() == "null" else Look.model_validate_json(said)

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

    def wait_for(self, look: Look, child: Child) -> None:
        """Wait until the queue holds just that."""
        until(f"{look}", lambda: self.held() == look, TIMEOUT_S, [child])


def queued(strategy: str, folder: Path, broker: str, variant: str = DOCUMENTED) -> Queued:
    """Return a strategy on a broker; its ledger is in the folder."""
    ledger = folder / "ledger"
    ledger.mkdir(exist_ok=True)
    wiring = Wiring(
        broker_url=broker, queue=QUEUE, variant=variant, slots=2, ledger_folder=str(ledger)
    )
    return Queued(strategy, folder, wiring)
