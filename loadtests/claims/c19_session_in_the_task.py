"""A database session of the request can be used in the background task.

What a dependency does after its `yield` came after the tasks up to FastAPI 0.105, before the
response from 0.106, and again after the tasks from 0.118, unless its scope is "function" (0.121).
If it comes after the tasks, the error of a task reaches it too, and rolls the session back.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI
from psycopg import AsyncConnection, Connection, connect

from loadtests.claims import Claim, Evidence, Lab, Seen, Server, Verdict, depends, false, true
from loadtests.claims.inside import database_url, mark

TASK_S, SETTLE_S = 0.5, 0.3
GOOD, BAD = 1, -1
INSERT, SELECT = "INSERT INTO orders VALUES (%s)", "SELECT FROM orders WHERE id = %s"
REQUEST, FUNCTION = "a dependency's session", "a dependency's session, scope=function"
OWN = "a session of the endpoint's, another of the task's"
CASES = {REQUEST: "request", FUNCTION: "function", OWN: "own"}
WORKED, COMMITTED = "the task's query worked, of 1", "row there when answered, of 1"
KEPT, CLOSED = "row kept if the task fails, of 1", "session closed after the answer, ms"
app = FastAPI()


async def session() -> AsyncIterator[AsyncConnection]:
    """Yield a session; then commit, or roll back if there was an error, and close it."""
    async with await AsyncConnection.connect(database_url()) as connection:
        yield connection
    mark("closed")


async def task(db: AsyncConnection, order: int) -> None:
    """Work on an order for half a second; bad ones cannot be worked on."""
    try:
        await db.execute(SELECT, [order])
        mark("worked")
        await asyncio.sleep(TASK_S)
        if order == BAD:
            raise ValueError(order)
    finally:
        mark("ended")


async def task_of_its_own(order: int) -> None:
    """Do the same in a session of its own."""
    async with asynccontextmanager(session)() as db:
        await task(db, order)


@app.get("/own/{order}")
async def own(order: int, background_tasks: BackgroundTasks) -> None:
    """Open a session where it is used."""
    async with asynccontextmanager(session)() as db:
        await db.execute(INSERT, [order])
    background_tasks.add_task(task_of_its_own, order)


Session = Annotated[AsyncConnection, Depends(session)]


@app.get("/request/{order}")
async def of_request(order: int, background_tasks: BackgroundTasks, db: Session) -> None:
    """Share the dependency's session with the task."""
    await db.execute(INSERT, [order])
    background_tasks.add_task(task, db, order)


try:
    Brief = Annotated[AsyncConnection, Depends(session, scope="function")]
except TypeError:
    pass  # there are no scopes in this version
else:

    @app.get("/function/{order}")
    async def of_function(order: int, background_tasks: BackgroundTasks, db: Brief) -> None:
        """Share a session that ends with the endpoint."""
        await db.execute(INSERT, [order])
        background_tasks.add_task(task, db, order)


def experiment(lab: Lab) -> Evidence:
    """Store an order and look for it from outside; then one whose task fails."""
    with connect(lab.postgres(), autocommit=True) as outside:
        outside.execute("CREATE TABLE orders (id integer)")
        server = lab.serve()
        return {case: tried(lab, server, outside, path) for case, path in CASES.items()}


def tried(lab: Lab, server: Server, outside: Connection, path: str) -> dict[str, float | None]:
    """Return the figures of one way; None for each if this version of FastAPI does not have it."""
    ended, worked, closed = (len(lab.marks(name)) for name in ("ended", "worked", "closed"))
    outside.execute("TRUNCATE orders")
    answer = server.get(f"/{path}/{GOOD}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return dict.fromkeys((WORKED, COMMITTED, KEPT, CLOSED))
    committed = rows(outside, GOOD)
    lab.wait_for("ended", ended + 1)
    closed_ms = answer.ms_until(lab.wait_for("closed", closed + 1)[closed].at_s)
    works = len(lab.marks("worked")) - worked
    server.get(f"/{path}/{BAD}")
    lab.wait_for("ended", ended + 2)
    time.sleep(SETTLE_S)
    kept = rows(outside, BAD)
    return {WORKED: works, COMMITTED: committed, KEPT: kept, CLOSED: closed_ms}


def rows(outside: Connection, order: int) -> int:
    """Return how many rows of an order others can see."""
    return len(outside.execute(SELECT, [order]).fetchall())


def judge(seen: Seen) -> Verdict:
    """Judge by the dependency's session, in each of the scopes that there are."""
    there = [case for case in CASES if seen.values(case, WORKED)]
    told = "; ".join(f"with {case}, {told_of(seen, case)}" for case in there)
    if not seen.least(REQUEST, WORKED):
        return false(told)
    if FUNCTION in there and not seen.least(FUNCTION, WORKED):
        return depends("the scope of the dependency", told)
    return true(told)


def told_of(seen: Seen, case: str) -> str:
    """Return in words what was seen of a case."""
    could = "could" if seen.least(case, WORKED) else "could not"
    when = "before" if seen.least(case, COMMITTED) else "after"
    lost = "" if seen.least(case, KEPT) else ", and lost it if the task failed"
    return f"the task {could} use it, and the request committed its row {when} the answer{lost}"


CLAIM = Claim(
    says="A database session of the request can be used in the background task.",
    question="Can a background task use the database session of the request?",
    topic="Databases",
    source="tutorials, such as “FastAPI Core: Background Tasks”",
    instead="Commit before the endpoint returns, hand the task an id, and let it open a session of"
    " its own.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
