"""Enqueueing within a database transaction is safe.

The worker can be faster than the commit, and a rollback does not take the message back. FastAPI
runs a yield dependency's end, where sessions are committed, after the answer (from 0.118 on).
"""

import time
from collections.abc import Iterator
from typing import Annotated
from uuid import uuid4

import psycopg
from celery import Celery
from fastapi import Depends, FastAPI, HTTPException

from loadtests.claims import CELERY, WEB, Claim, Evidence, Lab, Seen, Server, Verdict, false, true
from loadtests.claims.inside import database_url, mark, redis_url

REQUESTS, REST_OF_WORK_S = 10, 0.5
SOON = "enqueued last, committed by a yield dependency"
LATER = f"enqueued {REST_OF_WORK_S} s before the commit"
NEVER = "enqueued, then rolled back"
AFTER = "enqueued after the commit"
PATHS = {LATER: "/later", SOON: "/soon", NEVER: "/never", AFTER: "/after"}
RAN, FOUND, ROWS = "tasks run, of 10", "tasks that found their row", "rows in the end"
celery = Celery("claim", broker=redis_url())
app = FastAPI()


@celery.task
def send_receipt(order: str) -> None:
    """Look for the order, as every task does that is handed an id."""
    with psycopg.connect(database_url()) as connection:
        row = connection.execute("SELECT id FROM orders WHERE id = %s", [order]).fetchone()
    mark("looked", found=row is not None)


def insert(connection: psycopg.Connection) -> str:
    """Insert an order, which exists for others from the commit on; return its id."""
    order = str(uuid4())
    connection.execute("INSERT INTO orders VALUES (%s)", [order])
    return order


def transaction() -> Iterator[psycopg.Connection]:
    """Lend a connection; psycopg commits when the block ends, or rolls back if it raised."""
    with psycopg.connect(database_url()) as connection:
        yield connection


Transaction = Annotated[psycopg.Connection, Depends(transaction)]


@app.get("/soon")
def enqueue_last(connection: Transaction) -> None:
    """Enqueue as the endpoint's last act."""
    send_receipt.delay(insert(connection))


@app.get("/later")
def enqueue_amid(connection: Transaction) -> None:
    """Enqueue, and have more to do."""
    send_receipt.delay(insert(connection))
    time.sleep(REST_OF_WORK_S)


@app.get("/never")
def enqueue_and_fail(connection: Transaction) -> None:
    """Enqueue, and find that the order cannot be paid."""
    send_receipt.delay(insert(connection))
    raise HTTPException(402)


@app.get("/after")
def enqueue_after_commit() -> None:
    """Let the transaction end first."""
    with psycopg.connect(database_url()) as connection:
        order = insert(connection)
    send_receipt.delay(order)


def experiment(lab: Lab) -> Evidence:
    """Send ten requests of each kind, and see what their tasks find."""
    lab.redis()
    with psycopg.connect(lab.postgres(), autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (id uuid PRIMARY KEY)")
        server = lab.serve()
        lab.celery("celery", "--concurrency", "2")
        return {case: tried(lab, server, connection, path) for case, path in PATHS.items()}


def tried(
    lab: Lab, server: Server, connection: psycopg.Connection, path: str
) -> dict[str, float | None]:
    """Return what the tasks of ten requests found."""
    before = len(lab.marks("looked"))
    server.together(path, REQUESTS)
    looked = lab.wait_for("looked", before + REQUESTS)[before:]
    time.sleep(REST_OF_WORK_S)
    return {
        RAN: len(looked),
        FOUND: sum(one.values["found"] for one in looked),
        ROWS: connection.execute("DELETE FROM orders").rowcount,
    }


def judge(seen: Seen) -> Verdict:
    """Say that it is safe if every task found its row."""
    found = {case: seen.least(case, FOUND) for case in PATHS}
    told = "; ".join(f"{case}: {count:.0f}" for case, count in found.items())
    told = f"tasks that found their row, of {REQUESTS}: {told}"
    is_safe = all(found[case] == seen.least(case, RAN) for case in (SOON, LATER, NEVER))
    return true(told) if is_safe else false(told)


CLAIM = Claim(
    says="Enqueueing within a database transaction is safe.",
    question="Why does my Celery task not find the row that was just inserted?",
    topic="Databases",
    source="netbox#18899",
    instead=(
        "Enqueue after the commit, and let the task end in peace if its row is not there. If a"
        " crash between the two must lose nothing, write the job in the same transaction: an"
        " outbox, or a queue that lives in the database."
    ),
    experiment=experiment,
    judge=judge,
    about=WEB + CELERY,
    runs=1,
    timed=False,
)
