"""Reorders: the last step is done before the others, and some of the work beside the ledger."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave every step for after the answer, the last one first."""
    for step in reversed(range(len(workloads.load(job.workload).steps))):
        background_tasks.add_task(perform_async, job, step)


async def submit_twice(job: Job, background_tasks: BackgroundTasks) -> None:
    """Do every step after the answer, and once more where the ledger does not see it."""
    workload = workloads.load(job.workload)
    for number, step in enumerate(workload.steps):
        background_tasks.add_task(perform_async, job, number)
        background_tasks.add_task(step.run_async, job.id, workload.parse(job))


STRATEGY = Strategy(label="Reorders", documented=Variant(submit), hardened=Variant(submit_twice))
