"""Duplicating: wraps any other strategy and does every third job twice."""

from dataclasses import replace

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps import background_tasks
from apps.strategy import Strategy, Submit, Variant

DOUBLED = 3


def over(strategy: Strategy) -> Strategy:
    """Return the strategy with every third job submitted twice.

    The canary job has no number and is submitted once.
    """
    changed = {
        name: replace(variant, submit=doubled(variant))
        for name, variant in strategy.variants.items()
    }
    return strategy.with_variants("Duplicating", changed)


def doubled(variant: Variant) -> Submit:
    """Return a `submit` that submits every third job twice."""

    async def submit(job: Job, tasks: BackgroundTasks) -> None:
        times = 1 if job.number is None or job.number % DOUBLED else 2
        for _ in range(times):
            await variant.submit(job, tasks)

    return submit


STRATEGY = over(background_tasks.STRATEGY)
