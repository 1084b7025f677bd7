"""BackgroundTasks: a task per step, run in order by this process once the answer is sent."""

import logging

from fastapi import BackgroundTasks

from after202.kernel.model import HARDENED, Job, Setting, Variant
from apps.endpoints import create_app
from apps.server import LONG_GRACE, STOP_GRACE_S
from workers import workloads
from workers.perform import perform_async
from workers.settings import settings

log = logging.getLogger(__name__)


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave every step for after the answer."""
    task = perform_or_log if settings().variant == HARDENED else perform_async
    for step in range(len(workloads.load(job.workload).steps)):
        background_tasks.add_task(task, job, step)


async def perform_or_log(job: Job, step: int) -> None:
    """Do one step; one that raises must not keep those after it from being done."""
    try:
        await perform_async(job, step)
    except Exception:
        log.exception("step %d of job %s failed", step, job.id)


VARIANTS = {
    "documented": Variant(),
    "hardened": Variant(
        settings=(
            LONG_GRACE,
            Setting(
                name="try/except in each task",
                value="set",
                why="tasks run one after the other, and one that raises ends them all",
                source="starlette.dev/background",
            ),
        ),
        stop_grace_s=STOP_GRACE_S,
    ),
}
app = create_app(submit, variants=VARIANTS)
