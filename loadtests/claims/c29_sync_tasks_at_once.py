"""As many sync tasks run at once as there are requests.

`def` tasks and `def` endpoints of a process share the 40 threads of AnyIO's default limiter. What
comes later waits for a thread, and nothing logs that it does.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, false, true
from loadtests.claims.inside import mark

TASK_S = 1.2
FEW, MANY, THREADS = 20, 60, 80
CASES = {
    f"{FEW} def tasks": ("app", "def", FEW),
    f"{MANY} def tasks": ("app", "def", MANY),
    f"{MANY} def tasks, {THREADS} threads": ("app_with_more_threads", "def", MANY),
    f"{MANY} async def tasks": ("app", "async", MANY),
}
BY_DEFAULT = [f"{FEW} def tasks", f"{MANY} def tasks"]
AT_ONCE, LAST = "tasks at once, at most", "last task done after, ms"
SYNC, ASYNC = "def endpoint answers in, ms", "async def endpoint answers in, ms"
routes = APIRouter()


def task() -> None:
    """Wait in a thread, as a blocking client of another service does."""
    mark("begins")
    time.sleep(TASK_S)
    mark("ends")


async def async_task() -> None:
    """Wait without a thread."""
    mark("begins")
    await asyncio.sleep(TASK_S)
    mark("ends")


@routes.get("/tasks/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Add one task."""
    background_tasks.add_task(task if kind == "def" else async_task)


@routes.get("/def")
def in_thread() -> None:
    """Answer from a thread."""


@routes.get("/async")
async def on_loop() -> None:
    """Answer from the event loop."""


@asynccontextmanager
async def more_threads(_: FastAPI) -> AsyncIterator[None]:
    """Raise the limit, which belongs to the event loop and so is set within it."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


app = FastAPI()
app.include_router(routes)
app_with_more_threads = FastAPI(lifespan=more_threads)
app_with_more_threads.include_router(routes)


def experiment(lab: Lab) -> Evidence:
    """Send the requests at the same time, then two that need no task."""
    servers = {name: lab.serve(name) for name in ("app", "app_with_more_threads")}
    found: Evidence = {}
    ended = 0
    for case, (name, kind, count) in CASES.items():
        began_s = time.monotonic()
        servers[name].together(f"/tasks/{kind}", count)
        on_loop_ms = servers[name].get("/async").took_ms
        in_thread_ms = servers[name].get("/def").took_ms
        ended += count
        last = lab.wait_for("ends", ended)[-1]
        found[case] = {
            AT_ONCE: at_once(lab, began_s),
            LAST: (last.at_s - began_s) * 1000,
            SYNC: in_thread_ms,
            ASYNC: on_loop_ms,
        }
    return found


def at_once(lab: Lab, since_s: float) -> int:
    """Return how many tasks were in progress at the same time, at most."""
    now = most = 0
    for one in lab.marks():
        if one.at_s > since_s:
            now += 1 if one.name == "begins" else -1
            most = max(most, now)
    return most


def judge(seen: Seen) -> Verdict:
    """Say that it holds if even of many requests every task ran at the same time."""
    few, many = (seen.most(case, AT_ONCE) for case in BY_DEFAULT)
    waited_ms = seen.median(BY_DEFAULT[1], SYNC)
    told = (
        f"of {FEW} def tasks {few:.0f} ran at the same time, of {MANY} {many:.0f}; a def"
        f" endpoint answered in {seen.median(BY_DEFAULT[0], SYNC):.0f} ms beside the {FEW}, and in"
        f" {waited_ms:.0f} ms beside the {MANY}"
    )
    return true(told) if (few, many) == (FEW, MANY) else false(told)


CLAIM = Claim(
    says="As many sync tasks run at once as there are requests.",
    question="How many background tasks can FastAPI run at the same time?",
    topic="Blocking and parallel work",
    source="starlette#1724, fastapi#676 and #4304",
    instead=(
        "Expect 40 threads per process, which def endpoints need too. Raise the limit in the"
        " lifespan, write tasks that mostly wait as async def, or leave them to a queue's workers."
    ),
    experiment=experiment,
    judge=judge,
    runs=1,
)
