"""An outbox: a job is committed with its request's own row, and a relay sends it to the broker."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import psycopg
from fastapi.concurrency import run_in_threadpool

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from workers.services import database
from workers.services.database import Row

Send = Callable[[Job], None]
PLACE = "outbox"
# How often a relay looks for what another process stored and did not send before it died.
LOOKS_S, LOOK_S = 1.0, 3
STORE = "INSERT INTO outbox (message) VALUES (%s)"
# Of several relays each takes another message; one that dies lets go of its own.
NEXT = (
    "SELECT id, message FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
MARK = "UPDATE outbox SET sent_at = now() WHERE id = %s"
UNSENT = "SELECT message FROM outbox WHERE sent_at IS NULL"
log = logging.getLogger(__name__)
_stored = asyncio.Event()

OUTBOX = Setting(
    name="outbox",
    value="a table in the workloads' database, and a relay in the API",
    why="the job is committed in the transaction of the request's own row, so neither is there"
    " without the other, and a request needs no broker. A relay in the API's lifespan sends it"
    f" after the commit, and looks every {LOOKS_S:g} s for what is left. It marks a message as"
    " sent once it has sent it: if it dies in between, the message is sent again",
    source="microservices.io/patterns/data/transactional-outbox.html; polling-publisher.html",
)


async def store(job: Job, row: Row | None = None) -> None:
    """Commit the request's own row, if it has one, and the job's message in one transaction."""
    async with database.transaction(row) as connection:
        await connection.execute(STORE, (job.model_dump_json(),))
    _stored.set()


@asynccontextmanager
async def relayed(send: Send) -> AsyncIterator[None]:
    """Relay messages as long as the block lasts; `send` blocks, and raises if a job is not sent.

    At the end it waits for the message that is being sent: a thread cannot be cancelled, and a
    message that was sent is to be marked.
    """
    stopping = asyncio.Event()
    relay = asyncio.create_task(_relay(send, stopping))
    try:
        yield
    finally:
        stopping.set()
        _stored.set()
        await relay


async def _relay(send: Send, stopping: asyncio.Event) -> None:
    """Send what is stored, in its order; if that fails, wait and try again."""
    while not stopping.is_set():
        _stored.clear()
        try:
            while not stopping.is_set() and await _send_next(send):
                pass
            await _happens(_stored)
        except Exception:
            log.exception("the relay could not send a message, and will try again")
            await _happens(stopping)


async def _happens(event: asyncio.Event) -> None:
    """Wait for the event, or until it is time to look again."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), LOOKS_S)


async def _send_next(send: Send) -> bool:
    """Send the next message and mark it as sent; return whether there was one."""
    async with database.transaction() as connection:
        found = await (await connection.execute(NEXT)).fetchone()
        if found is None:
            return False
        number, message = found
        await run_in_threadpool(send, Job.model_validate_json(message))
        await connection.execute(MARK, (number,))
        return True


def unsent(wiring: Wiring) -> Look | None:
    """Return the jobs that no relay has marked as sent; None if the database does not answer."""
    try:
        with psycopg.connect(
            wiring.database_url, connect_timeout=LOOK_S, application_name=HARNESS
        ) as connection:
            rows = connection.execute(UNSENT).fetchall()
    except psycopg.OperationalError:
        return None
    jobs = [Job.model_validate_json(message) for (message,) in rows]
    return Look(held={str(job.id): PLACE for job in jobs})
