"""A job that waits for half a second and then inserts a row: it can be interrupted, and writes."""

import asyncio
import time
from uuid import UUID

from after202.kernel.model import Example
from workers.services import database
from workers.workloads import Step, Workload
from workers.workloads.empty import Nothing, request

WAIT_S = 0.5


def _row(job_id: UUID) -> database.Row:
    statement = "INSERT INTO processed (job_id, data) VALUES (%s, %s)"
    return database.Row(statement, (job_id, f"waited for {WAIT_S} s"))


def work(job_id: UUID, _: Nothing) -> None:
    """Wait, and insert the row."""
    time.sleep(WAIT_S)
    database.insert(_row(job_id))


async def work_async(job_id: UUID, _: Nothing) -> None:
    """Wait, and insert the row."""
    await asyncio.sleep(WAIT_S)
    await database.insert_async(_row(job_id))


WORKLOAD = Workload(
    path="/slow-insert",
    model=Nothing,
    request=request,
    steps=(Step("work", work, work_async),),
    example=Example(method="POST", path="/slow-insert"),
)
