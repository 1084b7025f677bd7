"""Gather: one background task that runs the steps at once, or in turn if order matters."""

import asyncio
import logging
from functools import cache

from fastapi import BackgroundTasks

from after202.kernel.model import HARDENED, Job, Setting, Variant
from apps.endpoints import create_app
from apps.server import LONG_GRACE, STOP_GRACE_S
from workers import workloads
from workers.perform import perform_async
from workers.settings import settings

BOUND = 100
log = logging.getLogger(__name__)


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave the whole job for after the answer, as one task."""
    hardened = settings().variant == HARDENED
    background_tasks.add_task(perform_all_hardened if hardened else perform_all, job)


async def perform_all(job: Job) -> None:
    """Do every step of the job."""
    workload = workloads.load(job.workload)
    performances = [perform_async(job, step) for step in range(len(workload.steps))]
    if workload.ordered:
        for performance in performances:
            await performance
    else:
        await asyncio.gather(*performances)


@cache
def _at_once() -> asyncio.Semaphore:
    return asyncio.Semaphore(BOUND)


async def perform_all_hardened(job: Job) -> None:
    """Do every step, no more than so many jobs at once, and wait for all even if one raises."""
    workload = workloads.load(job.workload)
    async with _at_once():
        if workload.ordered:
            await perform_all(job)
            return
        performances = (perform_async(job, step) for step in range(len(workload.steps)))
        results = await asyncio.gather(*performances, return_exceptions=True)
    for step, result in enumerate(results):
        if isinstance(result, BaseException):
            log.error("step %d of job %s failed", step, job.id, exc_info=result)


VARIANTS = {
    "documented": Variant(),
    "hardened": Variant(
        settings=(
            LONG_GRACE,
            Setting(
                name="return_exceptions",
                value="True",
                why="one that raises does not leave the others to run with nobody waiting",
                source="docs.python.org/3/library/asyncio-task.html, asyncio.gather",
            ),
            Setting(
                name="asyncio.Semaphore",
                value=str(BOUND),
                why="a burst of requests does not open a connection for every step at once",
                source="docs.python.org/3/library/asyncio-sync.html, Semaphore",
            ),
        ),
        stop_grace_s=STOP_GRACE_S,
    ),
}
app = create_app(submit, variants=VARIANTS)
