"""taskiq: one message per step goes to a Redis stream; asyncio tasks in worker processes do it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, variant_of
from workers import taskiq_common, taskiq_queue, workloads
from workers.taskiq_queue import DEDUPLICATED, DOCUMENTED, HARDENED, LIST_QUEUE, NUDGING, Setup


def submit_of(setup: Setup) -> Submit:
    """Return what sends the job's messages before the answer, as the setup says."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        await send(setup, job)

    return submit


async def send(setup: Setup, job: Job) -> None:
    """Send one message per step, or one for all steps if their order matters."""
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    if workload.ordered:
        await setup.job.kiq(message)
        return
    for step in range(len(workload.steps)):
        await setup.step.kiq(message, step)


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Start the broker while the API runs, which also creates the consumer group."""
    broker = taskiq_queue.connect(wiring)
    await broker.startup()
    yield
    await broker.shutdown()


STRATEGY = Strategy(
    label="taskiq",
    broker="redis",
    message_cpu_s=0.003,
    settings=taskiq_common.common_settings,
    running=running,
    documented=variant_of(DOCUMENTED, submit_of),
    list_queue=variant_of(LIST_QUEUE, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    nudged=variant_of(NUDGING, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
)
