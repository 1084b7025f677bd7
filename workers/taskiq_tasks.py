"""The tasks of taskiq's workers, of a broker that is named when a process starts."""

import asyncio
from typing import Any

from taskiq import TaskiqState, async_shared_broker

from after202.kernel.model import Job
from workers import workloads
from workers.perform import perform_all_async, perform_async, perform_once
from workers.taskiq_held import NUDGE
from workers.taskiq_settings import NUDGE_S


@async_shared_broker.task
async def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    await perform_async(Job.model_validate(message), step)


@async_shared_broker.task
async def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    await perform_all_async(Job.model_validate(message))


@async_shared_broker.task
def perform_step_once(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done; in a thread."""
    perform_once(Job.model_validate(message), step)


@async_shared_broker.task
def perform_job_once(message: dict[str, Any]) -> None:
    """Do every step of the job in the message that is not done yet; in a thread."""
    job = Job.model_validate(message)
    for step in range(len(workloads.load(job.workload).steps)):
        perform_once(job, step)


@async_shared_broker.task(NUDGE)
async def nudge() -> None:
    """Do nothing: that there was a message is all."""


def start_nudging(state: TaskiqState) -> None:
    """Send an empty message every second from now on."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(NUDGE_S)
            await nudge.kiq()

    state.nudging = asyncio.create_task(repeat())


def stop_nudging(state: TaskiqState) -> None:
    """Send no more."""
    state.nudging.cancel()
