"""A strategy in its own interpreter: its jobs are enqueued, done and looked for as in a run."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from after202.hosts import environments
from after202.hosts.local import Child
from after202.hosts.part import Launch
from after202.kernel.model import Look, Wiring
from tests.project import ROOT
from tests.workers.test_held import ENQUEUE

ANSWERED_S = 60.0
NOTHING_SAID = "null"


def enqueue(strategy: str, wiring: Wiring, workload: str, number: int) -> list[str]:
    """Enqueue new jobs as the API does; return their ids."""
    ids: list[UUID] = [uuid4() for _ in range(number)]
    asked = [strategy, wiring.variant, workload, *map(str, ids)]
    run(strategy, wiring, "-c", ENQUEUE, *asked)
    return list(map(str, ids))


def prepare(strategy: str, wiring: Wiring) -> None:
    """Prepare the broker as a run does."""
    run(strategy, wiring, "-m", "apps", "prepare", strategy)


def held(strategy: str, wiring: Wiring) -> Look | None:
    """Return what the broker holds, as a run asks for it."""
    asked = wiring.model_dump_json()
    answer = run(strategy, wiring, "-m", "workers", "held", strategy, said=asked).strip()
    return None if answer == NOTHING_SAID else Look.model_validate_json(answer)


def run(strategy: str, wiring: Wiring, *arguments: str, said: str = "") -> str:
    """Run Python as the strategy does, to its end; return what it printed."""
    done = subprocess.run(
        [environments.python(strategy), *arguments],
        cwd=ROOT,
        env=os.environ | wiring.environment(),
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWERED_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def at_work(strategy: str, wiring: Wiring, folder: Path) -> Iterator[Child]:
    """Run the strategy's worker, and kill it if it has not ended by itself."""
    command = [environments.python(strategy), "-m", "workers", "run", strategy]
    child = Child(Launch("worker", command, folder / "worker.log", wiring.environment()))
    try:
        yield child
    finally:
        child.kill()
