"""Job that fails twice: it raises on its first two attempts and succeeds on the third."""

from uuid import UUID

from after202.kernel.model import Example
from workers.services import cache
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request
from workers.workloads.raises import JobError

FAILURES = 2


def _judge(job_id: UUID, attempts: int) -> None:
    if attempts <= FAILURES:
        raise JobError(f"job {job_id} raises on purpose, on attempt {attempts}")


def attempt(job_id: UUID, _: Nothing) -> None:
    """Raise on the first two attempts; the count is in the cache, which outlives the process."""
    _judge(job_id, cache.count(f"attempts:{job_id}"))


async def attempt_async(job_id: UUID, _: Nothing) -> None:
    """Raise on the first two attempts; the count is in the cache, which outlives the process."""
    _judge(job_id, await cache.count_async(f"attempts:{job_id}"))


WORKLOAD = Workload(
    path="/raises-twice",
    model=Nothing,
    request=request,
    steps=(Step("attempt", attempt, attempt_async),),
    example=Example(method="POST", path="/raises-twice"),
)
