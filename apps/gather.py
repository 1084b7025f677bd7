"""asyncio.gather: one background task runs the steps concurrently, or in turn if order matters."""

import asyncio
import logging
from functools import cache

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Setting
from apps.server import LONG_GRACE
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import perform_async

BOUND = 100
log = logging.getLogger(__name__)


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Add the whole job as one task to run after the answer."""
    background_tasks.add_task(perform_all, job)


async def perform_all(job: Job) -> None:
    """Do every step of the job; raise the first exception of any step."""
    workload = workloads.load(job.workload)
    performances = [perform_async(job, step) for step in range(len(workload.steps))]
    if workload.ordered:
        for performance in performances:
            await performance
    else:
        await asyncio.gather(*performances)


async def submit_hardened(job: Job, background_tasks: BackgroundTasks) -> None:
    """Add the whole job as one task to run after the answer, bounded and with failures logged."""
    background_tasks.add_task(perform_all_bounded, job)


async def perform_all_bounded(job: Job) -> None:
    """Do every step, for at most `BOUND` jobs at a time; a step that raises does not end the wait.

    Ordered steps still stop at the first failure, because later steps depend on it.
    """
    workload = workloads.load(job.workload)
    async with _bound():
        if workload.ordered:
            await perform_all(job)
            return
        performances = (perform_async(job, step) for step in range(len(workload.steps)))
        results = await asyncio.gather(*performances, return_exceptions=True)
    for step, result in enumerate(results):
        if isinstance(result, BaseException):
            log.error("step %d of job %s failed", step, job.id, exc_info=result)


@cache
def _bound() -> asyncio.Semaphore:
    return asyncio.Semaphore(BOUND)


HARDENED = (
    LONG_GRACE,
    Setting(
        name="return_exceptions",
        value="True",
        why="if one step raises, the others are still awaited and every failure is logged",
        source="docs.python.org/3/library/asyncio-task.html, asyncio.gather",
    ),
    Setting(
        name="asyncio.Semaphore",
        value=str(BOUND),
        why="limits how many jobs run at the same time, so a burst of requests does not open a"
        " connection for every step",
        source="docs.python.org/3/library/asyncio-sync.html, Semaphore",
    ),
)
STRATEGY = Strategy(
    label="asyncio.gather",
    documented=Variant(submit),
    hardened=Variant(submit_hardened, settings=HARDENED, stop_grace_s=STOP_GRACE_S),
)
