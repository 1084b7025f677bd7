"""Three ordered steps: extract, transform, load; each needs the result of the one before it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import cache, database
from workers.workloads import Step, UnfitInputError, Workload, effect


class Data(BaseModel):
    """The data to process."""

    data: Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]+$")]


async def request(data: Data) -> Data:
    """Take the request from the body."""
    return data


def _extracted_key(job_id: UUID) -> str:
    return f"process:{job_id}:extracted"


def _transformed_key(job_id: UUID) -> str:
    return f"process:{job_id}:transformed"


def extracted(job_id: UUID, data: Data) -> cache.Entry:
    """Return the cache entry that keeps the data for the next step."""
    return cache.Entry(_extracted_key(job_id), data.data)


def _transformed(job_id: UUID, before: str | None) -> cache.Entry:
    if before is None:
        raise UnfitInputError(f"job {job_id}: transform ran before extract")
    return cache.Entry(_transformed_key(job_id), before.upper())


def transform(job_id: UUID, _: Data) -> None:
    """Read the first step's result and store it in upper case."""
    cache.put(_transformed(job_id, cache.get(_extracted_key(job_id))))


async def transform_async(job_id: UUID, _: Data) -> None:
    """Read the first step's result and store it in upper case."""
    await cache.put_async(_transformed(job_id, await cache.get_async(_extracted_key(job_id))))


def _row(job_id: UUID, before: str | None) -> database.Row:
    if before is None:
        raise UnfitInputError(f"job {job_id}: load ran before transform")
    statement = "INSERT INTO processed (job_id, data) VALUES (%s, %s)"
    return database.Row(statement, (job_id, before))


def load(job_id: UUID, _: Data) -> None:
    """Insert the second step's result into the database."""
    database.insert(_row(job_id, cache.get(_transformed_key(job_id))))


async def load_async(job_id: UUID, _: Data) -> None:
    """Insert the second step's result into the database."""
    await database.insert_async(_row(job_id, await cache.get_async(_transformed_key(job_id))))


WORKLOAD = Workload(
    path="/process",
    model=Data,
    request=request,
    steps=(
        effect("extract", extracted, cache.put, cache.put_async),
        Step("transform", transform, transform_async),
        Step("load", load, load_async),
    ),
    ordered=True,
    example=Example(
        method="POST",
        path="/process",
        headers={"Content-Type": "application/json"},
        body='{"data": "record {n}"}',
    ),
)
