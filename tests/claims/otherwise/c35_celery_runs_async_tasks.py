"""A Celery that runs the coroutine of each task."""

import asyncio

from loadtests.claims import FALSE
from loadtests.claims.c35_celery_runs_async_tasks import TASKS, app, celery, work

__all__ = ["app", "celery"]

USUALLY = FALSE


def run(case: str) -> None:
    """Run the work in an event loop."""
    asyncio.run(work(case))


for task in TASKS.values():
    task.run = run
