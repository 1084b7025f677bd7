"""Inline: the client waits while the work is done, one step after the other."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Variant
from apps.endpoints import create_app
from apps.server import LONG_GRACE, STOP_GRACE_S
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Do every step before the answer."""
    for step in range(len(workloads.load(job.workload).steps)):
        await perform_async(job, step)


VARIANTS = {
    "documented": Variant(),
    "hardened": Variant(settings=(LONG_GRACE,), stop_grace_s=STOP_GRACE_S),
}
app = create_app(submit, variants=VARIANTS)
