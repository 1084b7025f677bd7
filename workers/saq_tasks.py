"""The functions that SAQ's worker calls; a message names one of them."""

from typing import Any

from after202.kernel.model import Job
from workers import workloads
from workers.perform import perform_all_async, perform_async, perform_once

Context = dict[str, Any]


async def perform_step(_: Context, *, message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    await perform_async(Job.model_validate(message), step)


async def perform_job(_: Context, *, message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    await perform_all_async(Job.model_validate(message))


def perform_step_once(_: Context, *, message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done; SAQ calls it in a thread."""
    perform_once(Job.model_validate(message), step)


def perform_job_once(_: Context, *, message: dict[str, Any]) -> None:
    """Do every step of the job in the message that is not done yet; SAQ calls it in a thread."""
    job = Job.model_validate(message)
    for step in range(len(workloads.load(job.workload).steps)):
        perform_once(job, step)


FUNCTIONS = (perform_step, perform_job, perform_step_once, perform_job_once)
