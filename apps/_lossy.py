"""Lossy: answers 202 to all, and forgets every fourth job."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps._known_answers import is_forgotten
from apps.endpoints import create_app
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Forget every fourth job."""
    if not is_forgotten(job):
        for step in range(len(workloads.load(job.workload).steps)):
            background_tasks.add_task(perform_async, job, step)


app = create_app(submit)
