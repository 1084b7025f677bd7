"""What a message of PgQueuer's holds, and the functions that its worker calls with one."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from pgqueuer.models import Job as Message

from after202.kernel.model import Job
from workers import workloads
from workers.perform import perform_all_async, perform_async, perform_once

Work = Callable[[Message], Awaitable[None]]


def payload(job: Job, step: int | None = None) -> bytes:
    """Return the message for one step of a job, or for all of them in turn."""
    return json.dumps({"job": job.model_dump(mode="json"), "step": step}).encode()


def read(message: bytes) -> tuple[Job, int | None]:
    """Return the job of a message, and its step; ValueError if it is none of ours."""
    found = json.loads(message)
    if not isinstance(found, dict) or found.keys() != {"job", "step"}:
        raise ValueError("the message is not one of ours")
    return Job.model_validate(found["job"]), found["step"]


async def perform(message: Message) -> None:
    """Do the step in the message, or all steps in turn."""
    job, step = read(message.payload or b"")
    await (perform_all_async(job) if step is None else perform_async(job, step))


async def perform_unless_done(message: Message) -> None:
    """Do what is not done yet, in a thread: the claim's transaction blocks."""
    job, step = read(message.payload or b"")
    steps = range(len(workloads.load(job.workload).steps)) if step is None else [step]
    for each in steps:
        await asyncio.to_thread(perform_once, job, each)
