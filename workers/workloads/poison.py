"""Deadly job: half a second of waiting, but the fifth job kills its process on every attempt."""

import asyncio
import os
import signal
import time
from uuid import UUID

from after202.kernel.model import Example, number_of
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request

WAIT_S = 0.5
POISONED = 5


def _swallow(job_id: UUID) -> None:
    """Kill this process, as a segmentation fault or the kernel would, if the job is poisoned."""
    if number_of(job_id) == POISONED:
        os.kill(os.getpid(), signal.SIGKILL)


def work(job_id: UUID, _: Nothing) -> None:
    """Wait, and then die of it if the job is poisoned."""
    time.sleep(WAIT_S)
    _swallow(job_id)


async def work_async(job_id: UUID, _: Nothing) -> None:
    """Wait, and then die of it if the job is poisoned."""
    await asyncio.sleep(WAIT_S)
    _swallow(job_id)


WORKLOAD = Workload(
    path="/poison",
    model=Nothing,
    request=request,
    steps=(Step("work", work, work_async),),
    example=Example(method="POST", path="/poison"),
)
