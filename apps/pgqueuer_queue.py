"""PgQueuer: one row per step goes to PostgreSQL; a worker runs several at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import BackgroundTasks
from pgqueuer.db import AsyncpgPoolDriver, PsycopgDriver
from pgqueuer.queries import Queries

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, SubmitWith, variant_of
from workers import pgqueuer_queue, pgqueuer_settings, workloads
from workers.pgqueuer_jobs import payload
from workers.pgqueuer_queue import (
    DEDUPLICATED,
    DOCUMENTED,
    ENTRYPOINT,
    HARDENED,
    IN_TRANSACTION,
    Setup,
)
from workers.services import database
from workers.services.database import Row

# What enqueues in this process, while the API runs.
producers: list[Queries] = []


def submit_of(setup: Setup) -> Submit:
    """Return what enqueues the job before the answer, as the setup says."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        (queries,) = producers
        async with asyncio.timeout(setup.enqueue_timeout_s):
            await enqueue(queries, job)

    return submit


def submit_with_of(setup: Setup) -> SubmitWith:
    """Return what commits the job with the request's own row, over the application's connection."""

    async def submit_with(job: Job, row: Row) -> None:
        async with (
            asyncio.timeout(setup.enqueue_timeout_s),
            database.transaction(row) as connection,
        ):
            await enqueue(Queries(PsycopgDriver(connection)), job)

    return submit_with


async def enqueue(queries: Queries, job: Job) -> None:
    """Insert one row per step, or one for all steps in turn if their order matters."""
    workload = workloads.load(job.workload)
    steps = [None] if workload.ordered else list(range(len(workload.steps)))
    messages: list[bytes | None] = [payload(job, step) for step in steps]
    await queries.enqueue([ENTRYPOINT] * len(messages), messages, [0] * len(messages))


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Keep a pool of connections open while the API runs."""
    async with asyncpg.create_pool(wiring.broker_url) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        producers.append(queries)
        yield
        producers.remove(queries)


STRATEGY = Strategy(
    label="PgQueuer",
    broker="postgres",
    message_cpu_s=0.004,
    settings=pgqueuer_settings.common_settings,
    prepare=pgqueuer_queue.prepare,
    running=running,
    documented=variant_of(DOCUMENTED, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
    transactional=variant_of(IN_TRANSACTION, submit_of, submit_with_of, one_database=True),
)
