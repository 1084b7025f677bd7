"""RQ: one message per step goes to Redis; by default a worker forks a process for every message."""

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job
from apps.strategy import Strategy, Variant
from workers import rq_queue, workloads
from workers.rq_queue import DEDUPLICATED, DOCUMENTED, HARDENED, SIMPLE_WORKER, Setup


def variant(setup: Setup) -> Variant:
    """Return the variant that a setup describes; it enqueues the job before the answer."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        # In a thread, because RQ's client blocks and would hold up the event loop.
        await run_in_threadpool(enqueue, setup, job)

    return Variant(submit, settings=setup.settings, redelivery_s=setup.redelivery_s)


def enqueue(setup: Setup, job: Job) -> None:
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
            result_ttl=setup.result_ttl_s,
            retry=setup.retry,
        )


STRATEGY = Strategy(
    label="RQ",
    broker="redis",
    message_cpu_s=0.02,
    settings=rq_queue.common_settings,
    documented=variant(DOCUMENTED),
    simple_worker=variant(SIMPLE_WORKER),
    hardened=variant(HARDENED),
    deduplicated=variant(DEDUPLICATED),
)
