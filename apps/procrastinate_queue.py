"""Procrastinate: one row per step goes to PostgreSQL; a worker runs several at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Variant
from workers import procrastinate_queue, workloads
from workers.procrastinate_queue import SETUPS, Setup, Task, app, connector
from workers.procrastinate_settings import common_settings

Defer = Callable[[Task, Job], Awaitable[None]]


def variant(setup: Setup, defer: Defer | None = None) -> Variant:
    """Return the variant that a setup describes; it defers the job before the answer.

    It inserts a row per step unless `defer` inserts others.
    """
    insert = defer or defer_steps

    async def submit(job: Job, _: BackgroundTasks) -> None:
        await insert(setup.task, job)

    return Variant(
        submit,
        settings=setup.settings,
        redelivery_s=setup.redelivery_s,
        stop_grace_s=setup.stop_grace_s,
    )


async def defer_steps(task: Task, job: Job) -> None:
    """Insert one row per step; ordered steps share a lock, and so run one after the other."""
    message, deferrer = job.model_dump(mode="json"), configured(task, job)
    for step in range(len(workloads.load(job.workload).steps)):
        await deferrer.defer_async(message=message, step=step)


async def defer_together(task: Task, job: Job) -> None:
    """Insert the rows of all steps in one statement."""
    message = job.model_dump(mode="json")
    steps = range(len(workloads.load(job.workload).steps))
    rows = [{"message": message, "step": step} for step in steps]
    await configured(task, job).batch_defer_async(*rows)


async def defer_job(task: Task, job: Job) -> None:
    """Insert one row for the whole job."""
    await task.defer_async(message=job.model_dump(mode="json"))


def configured(task: Task, job: Job) -> Task:
    """Return what defers a job's steps: with its id as their lock if they are ordered."""
    return task.configure(lock=str(job.id) if workloads.load(job.workload).ordered else None)


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Keep a pool of connections open while the API runs."""
    pool = {name: value for name, (value, _) in SETUPS[wiring.variant].pool.items()}
    with app.replace_connector(connector(wiring, **pool)):
        async with app.open_async():
            yield


STRATEGY = Strategy(
    label="Procrastinate",
    broker="postgres",
    message_cpu_s=0.004,
    settings=common_settings,
    prepare=procrastinate_queue.prepare,
    running=running,
    documented=variant(SETUPS["documented"]),
    one_message=variant(SETUPS["one_message"], defer_job),
    batched=variant(SETUPS["batched"], defer_together),
    hardened=variant(SETUPS["hardened"]),
    deduplicated=variant(SETUPS["deduplicated"]),
)
