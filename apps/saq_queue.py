"""SAQ: one message per step goes to Redis; asyncio tasks in a worker do it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks
from saq import Queue

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, variant_of
from workers import saq_queue, saq_settings, workloads
from workers.saq_queue import DEDUPLICATED, DOCUMENTED, HARDENED, Setup

# The queue of this process, while the API runs.
queues: list[Queue] = []


def submit_of(setup: Setup) -> Submit:
    """Return what enqueues the job before the answer, as the setup says."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        async with asyncio.timeout(setup.enqueue_timeout_s):
            await enqueue(setup, job)

    return submit


async def enqueue(setup: Setup, job: Job) -> None:
    """Enqueue one message per step, or one for all steps in turn if their order matters."""
    (queue,) = queues
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    if workload.ordered:
        await queue.enqueue(setup.job, key=f"{job.id}:all", message=message, **setup.of_a_job)
        return
    for step in range(len(workload.steps)):
        key = f"{job.id}:{step}"
        await queue.enqueue(setup.step, key=key, message=message, step=step, **setup.of_a_job)


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Keep the queue's connections to the broker while the API runs."""
    queue = saq_queue.queue_of(wiring)
    await queue.connect()
    queues.append(queue)
    yield
    queues.remove(queue)
    await queue.disconnect()


STRATEGY = Strategy(
    label="SAQ",
    broker="redis",
    message_cpu_s=0.002,
    settings=saq_settings.common_settings,
    running=running,
    documented=variant_of(DOCUMENTED, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
)
