"""Liar: its `held` never tells a job, and it accepts what it could not enqueue."""

from contextlib import suppress

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool
from redis import RedisError
from workers.liar import push

from after202.kernel.model import Job
from apps.strategy import Strategy, Variant
from workers import workloads


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Push every step onto the list, and never mind whether that worked."""
    for step in range(len(workloads.load(job.workload).steps)):
        with suppress(RedisError):
            await run_in_threadpool(push, job, step)


STRATEGY = Strategy(label="Liar", broker="redis", documented=Variant(submit))
