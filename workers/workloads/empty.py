"""An empty job: one step that does nothing, so that a strategy's own price is all there is."""

from uuid import UUID

from pydantic import BaseModel

from after202.kernel.model import Example
from workers.workloads import Step, Workload


class Nothing(BaseModel):
    """Nothing is asked for."""


async def request() -> Nothing:
    """Take nothing from the request."""
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
