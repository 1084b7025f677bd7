"""Lines: a message per step to a broker of a second kind."""

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool
from workers.lines_queue import push

from after202.kernel.model import Job
from apps.strategy import Strategy, Variant
from workers import workloads


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Enqueue every step before the answer."""
    for step in range(len(workloads.load(job.workload).steps)):
        await run_in_threadpool(push, job, step)


STRATEGY = Strategy(label="Lines", broker="lines", documented=Variant(submit, redelivery_s=1.0))
