"""A job that raises, however often it is tried."""

from uuid import UUID

from after202.kernel.model import Example
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request


class JobError(Exception):
    """The work went wrong, which is no fault of the request's."""


def fail(job_id: UUID, _: Nothing) -> None:
    """Raise."""
    raise JobError(f"job {job_id} is one that raises")


async def fail_async(job_id: UUID, nothing: Nothing) -> None:
    """Raise."""
    fail(job_id, nothing)


WORKLOAD = Workload(
    path="/raises",
    model=Nothing,
    request=request,
    steps=(Step("fail", fail, fail_async),),
    example=Example(method="POST", path="/raises"),
)
