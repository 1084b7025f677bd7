"""Both `def` and `async def` functions work as background tasks.

Starlette (1.10: `BackgroundTask.__init__`) looks at the function that it is given: one that is
written as `async def` is awaited, any other is called in a thread. If that call returns a
coroutine, because the function wraps one that is `async def`, nobody awaits it.
"""

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASKS, TASK_S = 60, 0.6
CASES = {
    "async def": "coroutine",
    "def": "plain",
    "async def, decorated by a def": "decorated",
    "async def, decorated by an async def": "decorated_well",
}
DONE, AT_ONCE = "tasks done, of 60", "in progress together"
ON_LOOP, PING = "in the event loop's thread, of 60", "slowest answer of a def endpoint, ms"
app = FastAPI()


async def coroutine() -> None:
    """Wait as an async client does."""
    mark("begins")
    await asyncio.sleep(TASK_S)
    mark("ends")


def plain() -> None:
    """Wait as a synchronous client does."""
    mark("begins")
    time.sleep(TASK_S)
    mark("ends")


def logged(function: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function with something around it, as decorators often do it."""

    @functools.wraps(function)
    def wrapper() -> Any:
        mark("called")
        return function()

    return wrapper


def logged_well(function: Callable[[], Any]) -> Callable[[], Any]:
    """Do so with a wrapper that is `async def` as well."""

    @functools.wraps(function)
    async def wrapper() -> Any:
        mark("called")
        return await function()

    return wrapper


KINDS = {
    "coroutine": coroutine,
    "plain": plain,
    "decorated": logged(coroutine),
    "decorated_well": logged_well(coroutine),
}


@app.get("/jobs/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave a task."""
    background_tasks.add_task(KINDS[kind])


@app.get("/ping")
def ping() -> None:
    """Do nothing, in a thread, as every endpoint that is written as `def`."""


def experiment(lab: Lab) -> Evidence:
    """Send 60 requests together for each kind of task, and ask a `def` endpoint meanwhile."""
    server = lab.serve()
    found: Evidence = {}
    for case, kind in CASES.items():
        before, ended = len(lab.marks()), len(lab.marks("ends"))
        with server.probing() as times_ms:
            server.together(f"/jobs/{kind}", TASKS)
            lab.comes("ends", ended + TASKS, timeout_s=6 * TASK_S)
        marks = [one for one in lab.marks()[before:] if one.name != "called"]
        found[case] = {
            DONE: sum(one.name == "ends" for one in marks),
            AT_ONCE: at_once([one.name for one in marks]),
            ON_LOOP: sum(one.name == "begins" and one.thread == "MainThread" for one in marks),
            PING: max(times_ms),
        }
    return found


def at_once(names: list[str]) -> int:
    """Return how many tasks were in progress at the same time, at most."""
    now = most = 0
    for name in names:
        now += 1 if name == "begins" else -1
        most = max(most, now)
    return most


def judge(seen: Seen) -> Verdict:
    """Judge by whether every task was done; where they ran is said."""
    done = {case: seen.least(case, DONE) for case in CASES}
    coroutines, plain_, decorated, _ = CASES
    how = (
        f"{seen.most(coroutines, AT_ONCE):.0f} async def tasks and"
        f" {seen.most(plain_, AT_ONCE):.0f} def tasks were in progress together, and the slowest"
        f" answer of a def endpoint took {seen.median(coroutines, PING):.0f} ms and"
        f" {seen.median(plain_, PING):.0f} ms meanwhile"
    )
    if min(done[coroutines], done[plain_]) < TASKS:
        return false(
            f"done of {TASKS}: {coroutines} {done[coroutines]:.0f}, def {done[plain_]:.0f}"
        )
    if done[decorated] < TASKS:
        return depends(
            "what is around it: an async def within a decorator that is def is never awaited",
            f"{done[decorated]:.0f} of {TASKS} such tasks were done; {how}",
        )
    return true(f"all of them were done; {how}")


CLAIM = Claim(
    says="Both def and async def functions work as background tasks.",
    question="Should a FastAPI background task be def or async def?",
    topic="BackgroundTasks",
    source="tutorials, such as “FastAPI Core: Background Tasks”",
    instead=(
        "Write a task that awaits as async def and one that blocks as def; make the wrapper of a"
        " decorator for async def functions async def too."
    ),
    experiment=experiment,
    judge=judge,
    runs=1,
)
