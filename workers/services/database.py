"""The database: PostgreSQL, over one connection per thread or a small pool on an event loop."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool

from workers.settings import settings

POOL_SIZE = 10
SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True)
class Row:
    """A row to insert: the statement and its values."""

    statement: LiteralString
    values: tuple[object, ...]


class _Own(threading.local):
    """A thread's own connection; none before it is needed."""

    connection: psycopg.Connection | None = None


_own = _Own()


def _connection() -> psycopg.Connection:
    """Return this thread's connection, a new one if the last broke.

    One connection is enough: a thread does one step at a time, and so does a worker process.
    """
    if _own.connection is None or _own.connection.closed:
        _own.connection = psycopg.connect(settings().database_url, autocommit=True)
    return _own.connection


@cache
def _pool() -> AsyncConnectionPool:
    return AsyncConnectionPool(
        settings().database_url,
        min_size=1,
        max_size=POOL_SIZE,
        kwargs={"autocommit": True},
        open=False,
    )


def insert(row: Row) -> None:
    """Insert the row and commit."""
    _connection().execute(row.statement, row.values)


@contextmanager
def claimed(job_id: UUID, step: int) -> Iterator[bool]:
    """Yield True if the step was unclaimed; the claim commits only if the block succeeds.

    Everything the block writes through `insert` belongs to the same transaction, so if the process
    dies, neither those writes nor the claim remain. A second claim waits for the first to end.
    """
    claim = "INSERT INTO claims (job_id, step) VALUES (%s, %s) ON CONFLICT DO NOTHING"
    connection = _connection()
    with connection.transaction():
        yield connection.execute(claim, (job_id, step)).rowcount == 1


@asynccontextmanager
async def _connected() -> AsyncIterator[psycopg.AsyncConnection]:
    """Give a connection of the event loop's pool; it commits each statement by itself."""
    await _pool().open()  # a no-op once it is open
    async with _pool().connection() as connection:
        yield connection


async def insert_async(row: Row) -> None:
    """Insert the row and commit."""
    async with _connected() as connection:
        await connection.execute(row.statement, row.values)


@asynccontextmanager
async def transaction(row: Row | None = None) -> AsyncIterator[psycopg.AsyncConnection]:
    """Give a connection in a transaction that has inserted the row, if there is one.

    It commits if the block succeeds; if the block raises, the row is not there either.
    """
    async with _connected() as connection, connection.transaction():
        if row is not None:
            await connection.execute(row.statement, row.values)
        yield connection


def create_tables(database_url: str) -> None:
    """Create the tables that are missing."""
    with psycopg.connect(database_url) as connection:
        connection.execute(SCHEMA.read_bytes())


async def close() -> None:
    """Close the pool."""
    await _pool().close()
