"""Huey: one message per step goes to Redis; a consumer's worker threads do the work."""

from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job
from apps.strategy import Strategy, Submit, variant_of
from workers import huey_queue, huey_settings, workloads
from workers.huey_held import SEPARATOR
from workers.huey_queue import DEDUPLICATED, DOCUMENTED, HARDENED, PROCESS_PER_SLOT, Setup, Task


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Enqueue the job, in a thread, because Huey's client blocks and would hold up the loop."""
    await run_in_threadpool(enqueue, job)


def enqueue(job: Job) -> None:
    """Send one message per step; ordered steps as a pipeline whose first message has the rest.

    A worker sends the next message of a pipeline when a step is done.
    """
    first, *following = calls(job)
    if workloads.load(job.workload).ordered:
        for call in following:
            first.then(call)
        following = []
    for call in (first, *following):
        huey_queue.task().huey.enqueue(call)


def calls(job: Job) -> list[Task]:
    """Return the call of each step."""
    message, steps = job.model_dump(mode="json"), workloads.load(job.workload).steps
    return [
        huey_queue.task().s(message, step, id=f"{job.id}{SEPARATOR}{step}")
        for step in range(len(steps))
    ]


def submit_of(_: Setup) -> Submit:
    """Return how every variant submits: what it sets is the task's, which the worker declares."""
    return submit


STRATEGY = Strategy(
    label="Huey",
    broker="redis",
    message_cpu_s=0.002,
    settings=huey_settings.common_settings,
    documented=variant_of(DOCUMENTED, submit_of),
    processes=variant_of(PROCESS_PER_SLOT, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
)
