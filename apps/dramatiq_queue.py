"""Dramatiq: one message per step goes to Redis; worker processes do the work in threads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dramatiq
from fastapi import BackgroundTasks
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import Job, Wiring
from apps.strategy import Strategy, Submit, variant_of
from workers import dramatiq_queue, workloads
from workers.dramatiq_queue import DEDUPLICATED, DOCUMENTED, HARDENED, PROCESS_PER_SLOT, Setup


def submit_of(setup: Setup) -> Submit:
    """Return what enqueues the job before the answer, as the setup says."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        # In a thread, because Dramatiq's client blocks and would hold up the event loop.
        await run_in_threadpool(enqueue, setup, job)

    return submit


def enqueue(setup: Setup, job: Job) -> None:
    """Send one message per step; ordered steps as a pipeline whose first message has the rest.

    A worker sends the next message of a pipeline when a step is done, before it acknowledges that
    step. No step takes the result of the one before it, which is nothing.
    """
    workload = workloads.load(job.workload)
    actor, message = dramatiq_queue.actor(setup), job.model_dump(mode="json")
    steps = range(len(workload.steps))
    if not workload.ordered:
        for step in steps:
            actor.send(message, step)
        return
    dramatiq.pipeline(
        actor.message_with_options(args=(message, step), pipe_ignore=True) for step in steps
    ).run()


@asynccontextmanager
async def running(wiring: Wiring) -> AsyncIterator[None]:
    """Point the client at the trial's broker and its keys while the API runs."""
    dramatiq_queue.connect(wiring)
    yield


STRATEGY = Strategy(
    label="Dramatiq",
    broker="redis",
    message_cpu_s=0.002,
    settings=dramatiq_queue.settings_in,
    running=running,
    documented=variant_of(DOCUMENTED, submit_of),
    processes=variant_of(PROCESS_PER_SLOT, submit_of),
    hardened=variant_of(HARDENED, submit_of),
    deduplicated=variant_of(DEDUPLICATED, submit_of),
)
