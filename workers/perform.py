"""How every step is done, in sync and async form: the ledger records its start and its end."""

from functools import cache
from pathlib import Path

from after202.kernel.ledger import EventKind, Ledger
from after202.kernel.model import Job, Setting
from workers import workloads
from workers.services import database
from workers.settings import settings


@cache
def _ledger() -> Ledger | None:
    """Return this process's ledger; None if no folder is named (the bare endpoint)."""
    folder = settings().ledger_folder
    return Ledger(Path(folder)) if folder else None


class _Recorded:
    """Records the start, and then the end or the failure, of one step.

    A class, because a generator's context manager takes twice as long.
    """

    __slots__ = ("_job", "_ledger", "_step")

    def __init__(self, job: Job, step: int) -> None:
        """Record nothing yet."""
        self._job = job
        self._step = step
        self._ledger = _ledger()

    def __enter__(self) -> None:
        """Record the start."""
        if self._ledger is not None:
            self._ledger.record(EventKind.START, self._job.id, self._step)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Record the end, or the failure; nothing if the step was cut short from outside."""
        if self._ledger is None or (kind is not None and not issubclass(kind, Exception)):
            return
        event = EventKind.END if kind is None else EventKind.FAIL
        self._ledger.record(event, self._job.id, self._step)


def perform(job: Job, step: int) -> None:
    """Do one step, by its number; blocks, so call it in a worker or a thread."""
    workload = workloads.load(job.workload)
    with _Recorded(job, step):
        workload.steps[step].run(job.id, workload.parse(job))


CLAIMED = Setting(
    name="unique key in PostgreSQL",
    value="(job_id, step)",
    why="a step is claimed in the transaction that does it, so a second delivery finds the claim"
    " and skips the step",
    source="docs.celeryq.dev, Tasks; python-rq.org/docs/exceptions: work should be idempotent",
)


def perform_once(job: Job, step: int) -> None:
    """Do one step unless it is already done; it is claimed in the transaction that does it.

    Its database writes therefore happen once. Its other effects are repeated if the process is
    killed after them but before the claim commits. An attempt that cannot claim has failed.
    """
    is_answered = False
    try:
        with database.claimed(job.id, step) as is_ours:
            is_answered = True
            if is_ours:
                perform(job, step)
    except Exception:
        if not is_answered:
            with _Recorded(job, step):
                raise
        raise


ONE_MESSAGE = Setting(
    name="messages per job",
    value="1",
    why="many write one task for the whole job: one message to send and to fetch, and the steps run"
    " one after the other in one slot; the job is redelivered and retried as a whole, so steps that"
    " were done are done again",
    source="docs.celeryq.dev, Tasks, Granularity; python-rq.org/docs",
)


def perform_all(job: Job) -> None:
    """Do every step, one after the other; a step that raises ends the job."""
    for step in range(len(workloads.load(job.workload).steps)):
        perform(job, step)


async def perform_async(job: Job, step: int) -> None:
    """Do one step, by its number, on the event loop."""
    workload = workloads.load(job.workload)
    with _Recorded(job, step):
        await workload.steps[step].run_async(job.id, workload.parse(job))


async def perform_all_async(job: Job) -> None:
    """Do every step on the event loop, one after the other; a step that raises ends the job."""
    for step in range(len(workloads.load(job.workload).steps)):
        await perform_async(job, step)
