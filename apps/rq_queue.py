"""RQ: one message per step goes to Redis; by default a worker forks a process for every message."""

from collections.abc import Callable

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool
from rq import Queue

from after202.kernel.model import Job
from apps.strategy import Strategy, Submit, Variant, variant_of
from workers import rq_queue, rq_settings, workloads
from workers.rq_queue import (
    DEDUPLICATED,
    DOCUMENTED,
    HARDENED,
    MANY,
    ONE_JOB,
    PLAIN_WORKERS,
    SIMPLE_WORKER,
    Setup,
)


def variant(setup: Setup, enqueue: Callable[[Setup, Job], None] | None = None) -> Variant:
    """Return the variant that a setup describes; it enqueues the job before the answer.

    It sends one message per step unless `enqueue` sends others.
    """
    send = enqueue or enqueue_steps

    def submit_of(setup: Setup) -> Submit:
        async def submit(job: Job, _: BackgroundTasks) -> None:
            # In a thread, because RQ's client blocks and would hold up the event loop.
            await run_in_threadpool(send, setup, job)

        return submit

    return variant_of(setup, submit_of)


def enqueue_steps(setup: Setup, job: Job) -> None:
    """Enqueue one message per step; each ordered step depends on the one before it."""
    workload = workloads.load(job.workload)
    message = job.model_dump(mode="json")
    previous = None
    for step in range(len(workload.steps)):
        previous = rq_queue.queue().enqueue(
            setup.task,
            message,
            step,
            depends_on=previous if workload.ordered else None,
            retry=setup.retry,
        )


def enqueue_together(setup: Setup, job: Job) -> None:
    """Enqueue the messages of all steps in one call; ordered steps depend on one another."""
    workload = workloads.load(job.workload)
    if workload.ordered:
        enqueue_steps(setup, job)
        return
    message = job.model_dump(mode="json")
    rq_queue.queue().enqueue_many(
        [
            Queue.prepare_data(setup.task, (message, step), retry=setup.retry)
            for step in range(len(workload.steps))
        ]
    )


def enqueue_job(setup: Setup, job: Job) -> None:
    """Enqueue one message for the whole job."""
    message = job.model_dump(mode="json")
    rq_queue.queue().enqueue(setup.task, message, retry=setup.retry)


STRATEGY = Strategy(
    label="RQ",
    broker="redis",
    message_cpu_s=0.02,
    settings=rq_settings.common_settings,
    documented=variant(DOCUMENTED),
    one_message=variant(ONE_JOB, enqueue_job),
    batched=variant(MANY, enqueue_together),
    simple_worker=variant(SIMPLE_WORKER),
    plain_workers=variant(PLAIN_WORKERS),
    hardened=variant(HARDENED),
    deduplicated=variant(DEDUPLICATED),
)
