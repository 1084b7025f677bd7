"""In an `async def` task, blocking code only delays the task.

Starlette awaits an `async def` task on the event loop, and runs a `def` task in a thread. What
blocks the event loop blocks every request of the process.
"""

import asyncio
import time

import psycopg
from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import database_url, mark

TASK_S = 0.5
REST = "no task"
BLOCKING = ("async def, time.sleep", "async def, psycopg's blocking driver")
OTHERS = (
    "async def, time.sleep in asyncio.to_thread",
    "def, time.sleep",
    "def, psycopg's blocking driver",
)
TOOK, SLOWEST = "the task took, ms", "slowest answer to others meanwhile, ms"
app = FastAPI()


def sleep() -> None:
    """Sleep for half a second."""
    mark("begins")
    time.sleep(TASK_S)
    mark("ends")


def query() -> None:
    """Have the database take half a second."""
    mark("begins")
    with psycopg.connect(database_url()) as connection:
        connection.execute("SELECT pg_sleep(%s)", [TASK_S])
    mark("ends")


async def blocking_sleep() -> None:
    """Sleep, and do not let the event loop go on."""
    sleep()


async def blocking_query() -> None:
    """Wait for the database, and do not let the event loop go on."""
    query()


async def sleep_in_thread() -> None:
    """Sleep in a thread; the event loop goes on."""
    await asyncio.to_thread(sleep)


TASKS = [blocking_sleep, blocking_query, sleep_in_thread, sleep, query]


@app.get("/ping")
async def ping() -> None:
    """Answer someone else, who needs no task."""


@app.get("/tasks/{number}")
async def submit(number: int, background_tasks: BackgroundTasks) -> None:
    """Add one of the tasks."""
    background_tasks.add_task(TASKS[number])


def experiment(lab: Lab) -> Evidence:
    """Ask for /ping all the while that a task runs, after a first one for which nobody asks."""
    lab.postgres()
    server = lab.serve()
    server.get(f"/tasks/{TASKS.index(sleep)}")
    lab.wait_for("ends")
    with server.probing() as times_ms:
        time.sleep(TASK_S)
    found: Evidence = {REST: {TOOK: None, SLOWEST: max(times_ms)}}
    for number, case in enumerate(BLOCKING + OTHERS):
        with server.probing() as times_ms:
            server.get(f"/tasks/{number}")
            ended = lab.wait_for("ends", 2 + number)[-1]
        begun = lab.marks("begins")[-1]
        found[case] = {TOOK: (ended.at_s - begun.at_s) * 1000, SLOWEST: max(times_ms)}
    return found


def judge(seen: Seen) -> Verdict:
    """Say that others waited for a task if one of them waited for half of its time."""
    slowest = {case: seen.median(case, SLOWEST) for case in (*BLOCKING, *OTHERS)}
    told = (
        f"others waited {seen.median(REST, SLOWEST):.0f} ms at most with no task, and beside one of"
        f" {TASK_S * 1000:.0f} ms: "
    ) + "; ".join(f"{case} {took_ms:.0f} ms" for case, took_ms in slowest.items())
    waited = [case for case in BLOCKING if slowest[case] > TASK_S * 1000 / 2]
    if len(waited) == len(BLOCKING):
        return false(told)
    if waited:
        return depends("what blocks", told)
    return true(told)


CLAIM = Claim(
    says="In an `async def` task, blocking code only delays the task.",
    question="Why does my FastAPI app hang while a background task runs?",
    topic="Blocking and parallel work",
    source="fastapi#1313, #404 and #3824",
    instead=(
        "Write a task that blocks as `def`, or call what blocks by `asyncio.to_thread`; in an"
        " `async def` task, use drivers that are awaited."
    ),
    experiment=experiment,
    judge=judge,
)
