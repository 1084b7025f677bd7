"""Lossy: wraps any other strategy, accepts every job and drops every fourth."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps import background_tasks
from apps.strategy import Strategy, Submit

FORGOTTEN = 4


def over(strategy: Strategy) -> Strategy:
    """Return the strategy with every fourth job dropped.

    The canary job has no number and is always done.
    """
    return strategy.with_submit("Lossy", forgetful)


def forgetful(submit: Submit) -> Submit:
    """Return a `submit` that drops every fourth job."""

    async def changed(job: Job, tasks: BackgroundTasks) -> None:
        if job.number is None or job.number % FORGOTTEN:
            await submit(job, tasks)

    return changed


STRATEGY = over(background_tasks.STRATEGY)
