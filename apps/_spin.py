"""Spin: inline, where a job takes as many microseconds of the processor as the variant says."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Variant
from apps.endpoints import create_app
from workers import workloads
from workers.perform import perform_async
from workers.settings import settings


async def submit(job: Job, _: BackgroundTasks) -> None:
    """Do a calibration job of a known service time, whatever was asked for."""
    known = job.model_copy(update={"request": {"spin_us": int(settings().variant)}})
    for step in range(len(workloads.load(job.workload).steps)):
        await perform_async(known, step)


VARIANTS = {
    "0": Variant(),
    "50": Variant(),
    "100": Variant(),
    "300": Variant(),
    "1000": Variant(),
}
app = create_app(submit, variants=VARIANTS)
