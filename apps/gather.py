"""Gather: one background task that runs the steps at once, or in turn if order matters."""

import asyncio

from fastapi import BackgroundTasks

from apps.endpoints import create_app
from bench.model import Job
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave the whole job for after the answer, as one task."""
    background_tasks.add_task(perform_all, job)


async def perform_all(job: Job) -> None:
    """Do every step of the job."""
    workload = workloads.load(job.workload)
    performances = [perform_async(job, step) for step in range(len(workload.steps))]
    if workload.ordered:
        for performance in performances:
            await performance
    else:
        await asyncio.gather(*performances)


app = create_app(submit)
