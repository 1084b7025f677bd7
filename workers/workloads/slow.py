"""A job that waits for half a second, as one that calls a slow service: it can be interrupted."""

import asyncio
import time
from uuid import UUID

from bench.model import Example
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request

WAIT_S = 0.5


def wait(_: UUID, __: Nothing) -> None:
    """Wait."""
    time.sleep(WAIT_S)


async def wait_async(_: UUID, __: Nothing) -> None:
    """Wait, off the event loop."""
    await asyncio.sleep(WAIT_S)


WORKLOAD = Workload(
    path="/slow",
    model=Nothing,
    request=request,
    steps=(Step("wait", wait, wait_async),),
    example=Example(method="POST", path="/slow"),
)
