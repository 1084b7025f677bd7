"""asyncio.create_task: each step is a task of the event loop, for which nothing waits."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Setting, Wiring
from apps.server import LONG_GRACE
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import perform_all_async, perform_async

log = logging.getLogger(__name__)
kept: set[asyncio.Task[None]] = set()


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Create the job's tasks and forget them; they begin as soon as the handler awaits."""
    for work in work_of(job):
        asyncio.create_task(work)  # noqa: RUF006 - the variant is what people write


async def submit_kept(job: Job, _: BackgroundTasks) -> None:
    """Create the job's tasks, and keep each until it is done."""
    for work in work_of(job):
        task = asyncio.create_task(work, name=f"job {job.id}")
        kept.add(task)
        task.add_done_callback(release)


def work_of(job: Job) -> list[Coroutine[None, None, None]]:
    """Return what becomes a task: each step, or all of them in turn if order matters."""
    workload = workloads.load(job.workload)
    if workload.ordered:
        return [perform_all_async(job)]
    return [perform_async(job, step) for step in range(len(workload.steps))]


def release(task: asyncio.Task[None]) -> None:
    """Let go of a task that is done, and log its exception if it raised one."""
    kept.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a step of %s failed", task.get_name(), exc_info=error)


@asynccontextmanager
async def running(_: Wiring) -> AsyncIterator[None]:
    """Wait for the tasks that are kept before the API ends."""
    yield
    while kept:
        await asyncio.wait(kept)


HARDENED = (
    LONG_GRACE,
    Setting(
        name="references to tasks",
        value="kept until they are done",
        why="the event loop has weak references alone, so a task that nothing else refers to may be"
        " collected before it is done; its exception is logged when it is done, not when it is"
        " collected",
        source="docs.python.org/3/library/asyncio-task.html, asyncio.create_task",
    ),
    Setting(
        name="lifespan",
        value="awaits the tasks that are kept",
        why="uvicorn waits for requests and their background tasks, then for the lifespan, and for"
        " nothing else: a task that was merely created ends with the process",
        source="uvicorn.dev/concepts/lifespan; uvicorn/server.py, Server.shutdown",
    ),
)
STRATEGY = Strategy(
    label="asyncio.create_task",
    running=running,
    documented=Variant(submit),
    hardened=Variant(submit_kept, settings=HARDENED, stop_grace_s=STOP_GRACE_S),
)
