"""Duplicating: does every third job twice."""

from fastapi import BackgroundTasks

from apps.endpoints import create_app
from bench.model import Job
from workers import workloads
from workers.perform import perform_async

DOUBLED = 3


def times(job: Job) -> int:
    """Return how often it is done: every third one twice, the canary job once."""
    return 2 if job.number is not None and job.number % DOUBLED == 0 else 1


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Do every third job twice."""
    for _ in range(times(job)):
        for step in range(len(workloads.load(job.workload).steps)):
            background_tasks.add_task(perform_async, job, step)


app = create_app(submit)
