"""arq: one message per step goes to Redis; a worker looks for them twice a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from arq.connections import ArqRedis
from fastapi import BackgroundTasks

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, variant_of
from workers import arq_queue, arq_settings, workloads
from workers.arq_held import job_id
from workers.arq_queue import (
    DEDUPLICATED,
    DOCUMENTED,
    HARDENED,
    ONE_JOB,
    SHORT_POLL,
    Setup,
)

# The connection pool of this process, while the API runs.
pools: list[ArqRedis] = []


def submit_of(setup: Setup) -> Submit:
    """Return what enqueues the job before the answer, as the setup says."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        async with asyncio.timeout(setup.enqueue_timeout_s):
            await enqueue(setup, job)

    return submit


async def enqueue(setup: Setup, job: Job) -> None:
    """Enqueue one message per step, or one for all steps in turn if their order matters."""
    (pool,) = pools
    queue, workload = pool.default_queue_name, workloads.load(job.workload)
    message = job.model_dump(mode="json")
    if workload.ordered or setup.is_one_message:
        await pool.enqueue_job(setup.job, message, _job_id=job_id(queue, job.id, "all"))
        return
    for step in range(len(workload.steps)):
        await pool.enqueue_job(setup.step, message, step, _job_id=job_id(queue, job.id, step))


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Keep a pool of connections to the broker while the API runs."""
    pool = await arq_queue.pool(wiring)
    pools.append(pool)
    yield
    pools.remove(pool)
    await pool.aclose()


STRATEGY = Strategy(
    label="arq",
    broker="redis",
    message_cpu_s=0.003,
    settings=arq_settings.common_settings,
    running=running,
    documented=variant_of(DOCUMENTED, submit_of),
    one_message=variant_of(ONE_JOB, submit_of),
    short_poll=variant_of(SHORT_POLL, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
)
