"""RQ: a message per step to Redis; each worker forks a process for each message."""

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job
from apps.endpoints import create_app
from workers import workloads
from workers.rq_queue import SETTINGS, VARIANTS, perform_step, queue, result_ttl_s, retry


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Enqueue before the answer, in a thread: the client library blocks."""
    await run_in_threadpool(enqueue, job)


def enqueue(job: Job) -> None:
    """Enqueue a message per step; ordered steps each depend on the one before."""
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    previous = None
    for step in range(len(workload.steps)):
        previous = queue().enqueue(
            perform_step,
            message,
            step,
            depends_on=previous if workload.ordered else None,
            result_ttl=result_ttl_s(),
            retry=retry(),
        )


app = create_app(submit, SETTINGS, VARIANTS)
