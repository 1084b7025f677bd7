"""BackgroundTasks: a task per step, run in order by this process once the answer is sent."""

from fastapi import BackgroundTasks

from apps.endpoints import create_app
from bench.model import Job
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave every step for after the answer."""
    for step in range(len(workloads.load(job.workload).steps)):
        background_tasks.add_task(perform_async, job, step)


app = create_app(submit)
