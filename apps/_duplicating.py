"""Duplicating: does every third job twice."""

from itertools import count

from fastapi import BackgroundTasks

from apps.endpoints import create_app
from bench.model import Job
from workers import workloads
from workers.perform import perform_async

DOUBLED = 3
_numbers = count(1)


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Do every third job twice."""
    for _ in range(1 if next(_numbers) % DOUBLED else 2):
        for step in range(len(workloads.load(job.workload).steps)):
            background_tasks.add_task(perform_async, job, step)


app = create_app(submit)
