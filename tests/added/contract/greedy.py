"""Greedy: it does more jobs at a time than it was told, and never redelivers what it promises."""

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool
from workers.greedy import push

from after202.kernel.model import Job
from apps.strategy import Strategy, Variant
from workers import workloads


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Push every step onto the list before the answer."""
    for step in range(len(workloads.load(job.workload).steps)):
        await run_in_threadpool(push, job, step)


STRATEGY = Strategy(label="Greedy", broker="redis", documented=Variant(submit, redelivery_s=1.0))
