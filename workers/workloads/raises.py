"""Failing job: it raises on every attempt."""

from uuid import UUID

from after202.kernel.model import Example
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request


class JobError(Exception):
    """The work failed, through no fault of the request."""


def fail(job_id: UUID, _: Nothing) -> None:
    """Raise."""
    raise JobError(f"job {job_id} raises on purpose, on every attempt")


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
