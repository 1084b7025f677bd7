"""Procrastinate: one row per step goes to PostgreSQL; a worker runs several at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks
from psycopg import AsyncConnection

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Variant
from workers import procrastinate_queue, workloads
from workers.procrastinate_queue import SETUPS, Setup, Task, app, connector
from workers.procrastinate_settings import POOL_S, common_settings
from workers.services import database
from workers.services.database import Row

Defer = Callable[[Task, Job], Awaitable[None]]


def variant(setup: Setup, defer: Defer | None = None) -> Variant:
    """Return the variant that a setup describes; it defers the job before the answer.

    It inserts a row per step unless `defer` inserts others.
    """
    insert = defer or defer_steps

    async def submit(job: Job, _: BackgroundTasks) -> None:
        await insert(setup.task, job)

    async def submit_with(job: Job, row: Row) -> None:
        async with asyncio.timeout(POOL_S), database.transaction(row) as connection:
            await defer_steps(setup.task, job, connection)

    return Variant(
        submit,
        settings=setup.settings,
        redelivery_s=setup.redelivery_s,
        stop_grace_s=setup.stop_grace_s,
        submit_with=submit_with if setup.in_transaction else None,
        one_database=setup.in_transaction,
    )


async def defer_steps(task: Task, job: Job, connection: AsyncConnection | None = None) -> None:
    """Insert one row per step; ordered steps share a lock, and so run one after the other.

    The rows are inserted over the connection, in its transaction, if there is one.
    """
    message, deferrer = job.model_dump(mode="json"), configured(task, job, connection)
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


def configured(task: Task, job: Job, connection: AsyncConnection | None = None) -> Task:
    """Return what defers a job's steps: with its id as their lock if they are ordered."""
    lock = str(job.id) if workloads.load(job.workload).ordered else None
    return task.configure(lock=lock, connection=connection)


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
    transactional=variant(SETUPS["transactional"]),
)
