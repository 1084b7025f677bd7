"""Item view: a GET whose background work inserts a row of analytics."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel

from after202.kernel.model import Example
from workers.services import database
from workers.workloads import Workload, effect

INTEGER_MAX = 2**31 - 1  # PostgreSQL's integer


class Visit(BaseModel):
    """Who looked at which item."""

    item_id: int
    user_id: int


async def request(
    item_id: Annotated[int, Path(ge=1, le=INTEGER_MAX)],
    user_id: Annotated[int, Query(ge=1, le=INTEGER_MAX)],
) -> Visit:
    """Take the request from the path and the query."""
    return Visit(item_id=item_id, user_id=user_id)


def analytics(job_id: UUID, visit: Visit) -> database.Row:
    """Return the row that records the visit."""
    statement = "INSERT INTO analytics (job_id, item_id, user_id) VALUES (%s, %s, %s)"
    return database.Row(statement, (job_id, visit.item_id, visit.user_id))


WORKLOAD = Workload(
    path="/items/{item_id}",
    model=Visit,
    request=request,
    steps=(effect("analytics", analytics, database.insert, database.insert_async),),
    example=Example(method="GET", path="/items/7?user_id=1{n}"),
)
