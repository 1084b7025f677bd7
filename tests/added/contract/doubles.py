"""Doubles: every step is done twice, and a setting has no source."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job, Setting
from apps.strategy import Strategy, Variant
from workers import workloads
from workers.perform import perform_async


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Leave every step for after the answer, twice."""
    for step in range(len(workloads.load(job.workload).steps)):
        for _ in range(2):
            background_tasks.add_task(perform_async, job, step)


GUESSED = Setting(name="times", value="2", why="better safe than sorry", source=" ")
STRATEGY = Strategy(label="Doubles", documented=Variant(submit, settings=(GUESSED,)))
