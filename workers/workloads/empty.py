"""Empty job: one step that does nothing, which leaves only the strategy's own cost."""

from uuid import UUID

from pydantic import BaseModel

from after202.kernel.model import Example
from workers.workloads import Step, Workload


class Nothing(BaseModel):
    """An empty request."""


async def request() -> Nothing:
    """Return an empty request."""
    return Nothing()


def rest(_: UUID, __: Nothing) -> None:
    """Do nothing."""


async def rest_async(_: UUID, __: Nothing) -> None:
    """Do nothing."""


WORKLOAD = Workload(
    path="/empty",
    model=Nothing,
    request=request,
    steps=(Step("rest", rest, rest_async),),
    example=Example(method="POST", path="/empty"),
)
