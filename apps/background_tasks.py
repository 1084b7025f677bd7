"""BackgroundTasks: one task per step, run in order by this process once the answer is sent."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Setting
from apps.server import LONG_GRACE, STOP_GRACE_S
from apps.strategy import Strategy, Submit, Variant
from workers import workloads
from workers.perform import perform_async

log = logging.getLogger(__name__)


def after_the_answer(perform: Callable[[Job, int], Awaitable[None]]) -> Submit:
    """Return a `submit` that adds each step as a task to run after the answer."""

    async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
        for step in range(len(workloads.load(job.workload).steps)):
            background_tasks.add_task(perform, job, step)

    return submit


async def perform_or_log(job: Job, step: int) -> None:
    """Do one step, and log an exception so that the following tasks still run."""
    try:
        await perform_async(job, step)
    except Exception:
        log.exception("step %d of job %s failed", step, job.id)


TRY_EXCEPT = Setting(
    name="try/except in each task",
    value="set",
    why="tasks run one after the other; an exception in one would skip those after it",
    source="starlette.dev/background",
)
STRATEGY = Strategy(
    label="BackgroundTasks",
    documented=Variant(after_the_answer(perform_async)),
    hardened=Variant(
        after_the_answer(perform_or_log),
        settings=(LONG_GRACE, TRY_EXCEPT),
        stop_grace_s=STOP_GRACE_S,
    ),
)
