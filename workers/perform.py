"""The one way a step is done, in sync and async form: its start and its end go to the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from after202.kernel.ledger import EventKind, Ledger
from after202.kernel.model import Job, Setting
from workers import workloads
from workers.services import database
from workers.settings import settings


@cache
def _ledger() -> Ledger | None:
    """Return this process's ledger; None, for the bare endpoint, where no folder is named."""
    folder = settings().ledger_folder
    return Ledger(Path(folder)) if folder else None


@contextmanager
def _recorded(job: Job, step: int) -> Iterator[None]:
    """Record the start, and then the end or the failure, of one step."""
    ledger = _ledger()
    if ledger is None:
        yield
        return
    ledger.record(EventKind.START, job.id, step)
    try:
        yield
    except Exception:
        ledger.record(EventKind.FAIL, job.id, step)
        raise
    ledger.record(EventKind.END, job.id, step)


def perform(job: Job, step: int) -> None:
    """Do one step, by its number, in a thread or process of its own."""
    workload = workloads.load(job.workload)
    with _recorded(job, step):
        workload.steps[step].run(job.id, workload.parse(job))


CLAIMED = Setting(
    name="unique key in PostgreSQL",
    value="(job_id, step)",
    why="a step is claimed in the transaction in which it is done, so a second delivery finds it",
    source="docs.celeryq.dev, Tasks; python-rq.org/docs/exceptions: work should be idempotent",
)


def perform_once(job: Job, step: int) -> None:
    """Do one step unless it was done: it is claimed in the transaction in which it is done.

    What the step writes to the database is thereby done once. What it does elsewhere is done
    again if the process is killed after it, and before the claim is kept.
    """
    with database.claimed(job.id, step) as is_ours:
        if is_ours:
            perform(job, step)


async def perform_async(job: Job, step: int) -> None:
    """Do one step, by its number, on the event loop."""
    workload = workloads.load(job.workload)
    with _recorded(job, step):
        await workload.steps[step].run_async(job.id, workload.parse(job))
