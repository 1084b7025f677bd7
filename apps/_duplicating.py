"""Duplicating: wraps any other strategy and does every third job twice."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps import background_tasks
from apps.strategy import Strategy, Submit

DOUBLED = 3


def over(strategy: Strategy) -> Strategy:
    """Return the strategy with every third job submitted twice.

    The canary job has no number and is submitted once.
    """
    return strategy.with_submit("Duplicating", doubled)


def doubled(submit: Submit) -> Submit:
    """Return a `submit` that submits every third job twice."""

    async def changed(job: Job, tasks: BackgroundTasks) -> None:
        times = 1 if job.number is None or job.number % DOUBLED else 2
        for _ in range(times):
            await submit(job, tasks)

    return changed


STRATEGY = over(background_tasks.STRATEGY)
