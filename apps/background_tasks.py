"""BackgroundTasks: one task per step, run in order by this process once the answer is sent."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Setting
from apps.server import LONG_GRACE
from apps.strategy import Strategy, Submit, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import perform, perform_async

log = logging.getLogger(__name__)


def after_the_answer(perform: Callable[[Job, int], Awaitable[None] | None]) -> Submit:
    """Return a `submit` that adds each step as a task to run after the answer.

    Starlette awaits an async function on the event loop, and calls any other in a thread.
    """

    async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
        for step in range(len(workloads.load(job.workload).steps)):
            background_tasks.add_task(perform, job, step)

    return submit


async def perform_or_log(job: Job, step: int) -> None:
    """Do one step, and log an exception so that the following tasks still run."""
    try:
        await perform_async(job, step)
    except Exception:
        log.exception("step %d of job %s failed", step, job.id)


TRY_EXCEPT = Setting(
    name="try/except in each task",
    value="set",
    why="tasks run one after the other; an exception in one would skip those after it",
    source="starlette.dev/background",
)
SYNC = Setting(
    name="task functions",
    value="def, not async def",
    why="FastAPI's tutorial writes a task that blocks as a plain function; Starlette runs it in one"
    " of at most 40 threads, which plain endpoints and dependencies share",
    source="fastapi.tiangolo.com/tutorial/background-tasks; starlette.dev/threadpool",
)
SHUTDOWN_S = 0.25
SHORT_SHUTDOWN = Setting(
    name="uvicorn --timeout-graceful-shutdown",
    value=f"{SHUTDOWN_S:g} s",
    why="below the longest job, as if it was misjudged: uvicorn then cancels what still runs,"
    " however long the deploy would wait (default: no time-out); the command line takes whole"
    " seconds, and this is scaled down as the jobs are",
    source="uvicorn.dev/settings, Timeouts",
)
STRATEGY = Strategy(
    label="BackgroundTasks",
    documented=Variant(after_the_answer(perform_async)),
    sync=Variant(after_the_answer(perform), settings=(SYNC,)),
    short_shutdown=Variant(
        after_the_answer(perform_async),
        settings=(LONG_GRACE, SHORT_SHUTDOWN),
        stop_grace_s=STOP_GRACE_S,
        server={"timeout_graceful_shutdown": SHUTDOWN_S},
    ),
    hardened=Variant(
        after_the_answer(perform_or_log),
        settings=(LONG_GRACE, TRY_EXCEPT),
        stop_grace_s=STOP_GRACE_S,
    ),
)
