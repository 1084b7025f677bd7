"""Lossy: wraps any other strategy, accepts every job and drops every fourth."""

from dataclasses import replace

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps import background_tasks
from apps.strategy import Strategy, Submit, Variant

FORGOTTEN = 4


def over(strategy: Strategy) -> Strategy:
    """Return the strategy with every fourth job dropped.

    The canary job has no number and is always done.
    """
    changed = {
        name: replace(variant, submit=forgetful(variant))
        for name, variant in strategy.variants.items()
    }
    return strategy.with_variants("Lossy", changed)


def forgetful(variant: Variant) -> Submit:
    """Return a `submit` that drops every fourth job."""

    async def submit(job: Job, tasks: BackgroundTasks) -> None:
        if job.number is None or job.number % FORGOTTEN:
            await variant.submit(job, tasks)

    return submit


STRATEGY = over(background_tasks.STRATEGY)
