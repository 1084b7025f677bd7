"""Celery: a message per step to a Redis broker; worker processes do the work."""

from celery import chain
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job
from apps.endpoints import create_app
from workers import workloads
from workers.celery_queue import SETTINGS, VARIANTS, perform_step


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Enqueue before the answer, in a thread: the client library blocks."""
    await run_in_threadpool(enqueue, job)


def enqueue(job: Job) -> None:
    """Send a message per step; ordered steps as a chain, whose first message carries the rest."""
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    tasks = [perform_step.si(message, step) for step in range(len(workload.steps))]
    if workload.ordered:
        chain(*tasks).delay()
    else:
        for task in tasks:
            task.delay()


app = create_app(submit, SETTINGS, VARIANTS)
