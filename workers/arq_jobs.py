"""The functions that arq's worker calls; a message names one of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from arq import Retry

from after202.kernel.model import Job
from workers import workloads
from workers.arq_settings import TRIES
from workers.perform import perform_all_async, perform_async, perform_once

# What arq gives to every job: among others, which of its tries this is.
Context = dict[str, Any]


async def perform_step(_: Context, message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    await perform_async(Job.model_validate(message), step)


async def perform_job(_: Context, message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    await perform_all_async(Job.model_validate(message))


async def perform_step_or_retry(context: Context, message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message, and try it again if it raises."""
    await _or_retry(context, perform_step(context, message, step))


async def perform_job_or_retry(context: Context, message: dict[str, Any]) -> None:
    """Do every step of the job in the message, and try the job again if one raises."""
    await _or_retry(context, perform_job(context, message))


async def perform_step_once(context: Context, message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done; in a thread."""
    job = Job.model_validate(message)
    await _or_retry(context, asyncio.to_thread(perform_once, job, step))


async def perform_job_once(context: Context, message: dict[str, Any]) -> None:
    """Do every step of the job in the message that is not done yet; in a thread."""
    job = Job.model_validate(message)

    def steps() -> None:
        for step in range(len(workloads.load(job.workload).steps)):
            perform_once(job, step)

    await _or_retry(context, asyncio.to_thread(steps))


async def _or_retry(context: Context, work: Awaitable[None]) -> None:
    """Await the work; Retry if it raises, except that the last try raises what it raised."""
    try:
        await work
    except Exception as error:
        if context["job_try"] >= context[TRIES]:
            raise
        raise Retry from error


FUNCTIONS = (
    perform_step,
    perform_job,
    perform_step_or_retry,
    perform_job_or_retry,
    perform_step_once,
    perform_job_once,
)
