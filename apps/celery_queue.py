"""Celery: one message per step goes to a Redis broker; worker processes do the work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from celery import chain
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Variant
from workers import celery_queue, workloads
from workers.celery_queue import DEDUPLICATED, DOCUMENTED, HARDENED, Setup, Task


def variant(setup: Setup) -> Variant:
    """Return the variant that a setup describes; it enqueues the job before the answer."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        # In a thread, because Celery's client blocks and would hold up the event loop.
        await run_in_threadpool(enqueue, setup.task, job)

    return Variant(submit, settings=setup.settings, redelivery_s=setup.redelivery_s)


def enqueue(task: Task, job: Job) -> None:
    """Send one message per step; ordered steps as a chain whose first message carries the rest."""
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    signatures = [task.si(message, step) for step in range(len(workload.steps))]
    if workload.ordered:
        chain(*signatures).delay()
    else:
        for signature in signatures:
            signature.delay()


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Point the client at the trial's broker and queue while the API runs."""
    celery_queue.connect(wiring)
    yield


STRATEGY = Strategy(
    label="Celery",
    broker="redis",
    message_cpu_s=0.003,
    settings=celery_queue.common_settings,
    running=running,
    documented=variant(DOCUMENTED),
    hardened=variant(HARDENED),
    deduplicated=variant(DEDUPLICATED),
)
