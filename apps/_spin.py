"""Spin: runs inline and spins for a fixed time per job; the variant's name is that time in us."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps.strategy import Strategy, Submit, Variant
from workers import workloads
from workers.perform import perform_async

SPINS_US = (0, 50, 100, 300, 1000)


def spinning(spin_us: int) -> Submit:
    """Return a `submit` that spins for this long, whatever service time the request asks for."""

    async def submit(job: Job, _: BackgroundTasks) -> None:
        known = job.model_copy(update={"request": {"spin_us": spin_us}})
        for step in range(len(workloads.load(job.workload).steps)):
            await perform_async(known, step)

    return submit


STRATEGY = Strategy("Spin").with_variants(
    "Spin", {str(spin_us): Variant(spinning(spin_us)) for spin_us in SPINS_US}
)
