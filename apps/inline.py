"""Inline: the request does the work, one step after the other, while the client waits."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps.server import LONG_GRACE
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.grace import STOP_GRACE_S
from workers.perform import perform_async


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Do every step before the answer."""
    for step in range(len(workloads.load(job.workload).steps)):
        await perform_async(job, step)


STRATEGY = Strategy(
    label="Inline",
    documented=Variant(submit),
    hardened=Variant(submit, settings=(LONG_GRACE,), stop_grace_s=STOP_GRACE_S),
)
