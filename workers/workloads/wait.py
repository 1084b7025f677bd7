"""Wait of 100 ms: like a call to another service, it takes no CPU."""

import asyncio
import time
from uuid import UUID

from after202.kernel.model import Example
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request


def waiting(path: str, wait_s: float) -> Workload[Nothing]:
    """Return a workload of one step that waits; its async form does not block the event loop."""

    def wait(_: UUID, __: Nothing) -> None:
        time.sleep(wait_s)

    async def wait_async(_: UUID, __: Nothing) -> None:
        await asyncio.sleep(wait_s)

    return Workload(
        path=path,
        model=Nothing,
        request=request,
        steps=(Step("wait", wait, wait_async),),
        example=Example(method="POST", path=path),
    )


WORKLOAD = waiting("/wait", 0.1)
