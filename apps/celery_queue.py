"""Celery: one message per step goes to a Redis broker; worker processes do the work."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from celery import chain, group
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, Variant, variant_of
from workers import celery_queue, celery_settings, outbox, workloads
from workers.celery_queue import (
    DEDUPLICATED,
    DOCUMENTED,
    GROUPED,
    HARDENED,
    IN_THREADS,
    NO_PREFETCH,
    ONE_TASK,
    OUTBOX,
    SETUPS,
    SHORT_VISIBILITY,
)
from workers.celery_tasks import Setup, Task


def variant(setup: Setup, enqueue: Callable[[Task, Job], None] | None = None) -> Variant:
    """Return the variant that a setup describes; it enqueues the job before the answer.

    It sends one message per step unless `enqueue` sends others.
    """
    send = enqueue or enqueue_steps

    def submit_of(setup: Setup) -> Submit:
        async def submit(job: Job, _: BackgroundTasks) -> None:
            # In a thread, because Celery's client blocks and would hold up the event loop.
            await run_in_threadpool(send, setup.task, job)

        return submit

    return variant_of(setup, submit_of)


def through_outbox(_: Setup) -> Submit:
    """Return what stores the job for the relay, which sends it."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        await outbox.store(job)

    return submit


def enqueue_steps(task: Task, job: Job) -> None:
    """Send one message per step; ordered steps as a chain whose first message carries the rest."""
    if workloads.load(job.workload).ordered:
        chain(*signatures(task, job)).delay()
    else:
        for signature in signatures(task, job):
            signature.delay()


def enqueue_group(task: Task, job: Job) -> None:
    """Send the messages of all steps in one call; ordered steps as a chain."""
    together = chain if workloads.load(job.workload).ordered else group
    together(*signatures(task, job)).delay()


def enqueue_job(task: Task, job: Job) -> None:
    """Send one message for the whole job."""
    task.delay(job.model_dump(mode="json"))


def signatures(task: Task, job: Job) -> list[Task]:
    """Return the call of each step."""
    message = job.model_dump(mode="json")
    return [task.si(message, step) for step in range(len(workloads.load(job.workload).steps))]


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Point the client at the trial's broker and queue, and relay an outbox, while the API runs."""
    celery_queue.connect(wiring)
    setup = SETUPS[wiring.variant]
    async with AsyncExitStack() as relaying:
        if setup.has_outbox:
            send = partial(enqueue_steps, setup.task)
            await relaying.enter_async_context(outbox.relayed(send))
        yield


STRATEGY = Strategy(
    label="Celery",
    broker="redis",
    message_cpu_s=0.003,
    settings=celery_settings.common_settings,
    running=running,
    documented=variant(DOCUMENTED),
    one_message=variant(ONE_TASK, enqueue_job),
    batched=variant(GROUPED, enqueue_group),
    no_prefetch=variant(NO_PREFETCH),
    short_visibility=variant(SHORT_VISIBILITY),
    threads=variant(IN_THREADS),
    hardened=variant(HARDENED),
    deduplicated=variant(DEDUPLICATED),
    outbox=variant_of(OUTBOX, through_outbox, lambda _: outbox.store),
)
