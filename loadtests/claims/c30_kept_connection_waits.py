"""A second request on a kept connection waits for the first one's background task.

uvicorn takes the next request from a connection as soon as the answer before it is complete; the
task goes on beside it.
"""

import asyncio
import time

from fastapi import APIRouter, BackgroundTasks, FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASK_S = 0.4
CASES = {
    "def task, httptools": ("/def", "httptools"),
    "async def task, httptools": ("/async", "httptools"),
    "def task, h11": ("/def", "h11"),
    "async def task, h11": ("/async", "h11"),
    "async def task, h11, behind @app.middleware": ("/behind/async", "h11"),
}
BLOCKED, BLOCKS = "async def task that blocks, h11", ("/blocking", "h11")
SAME, OTHER = "answered on the same connection in, ms", "answered on another in, ms"
routes = APIRouter()


async def task() -> None:
    """Wait, as for another service."""
    mark("begins")
    await asyncio.sleep(TASK_S)
    mark("ends")


def sync_task() -> None:
    """Wait in a thread."""
    mark("begins")
    time.sleep(TASK_S)
    mark("ends")


async def blocking_task() -> None:
    """Wait on the event loop, which then does nothing else."""
    sync_task()


TASKS = {"async": task, "def": sync_task, "blocking": blocking_task}


@routes.get("/ping")
async def ping() -> None:
    """Answer at once."""


@routes.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Add a task of this kind."""
    background_tasks.add_task(TASKS[kind])


app, behind = FastAPI(), FastAPI()
app.mount("/behind", behind)
app.include_router(routes)
behind.include_router(routes)


@behind.middleware("http")
async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Do nothing, but have Starlette's BaseHTTPMiddleware hand the answer on."""
    return await call_next(request)


def experiment(lab: Lab) -> Evidence:
    """Send a request whose task runs on, then two more: on its connection, and on another."""
    servers = {http: lab.serve("app", "--http", http) for http in ("httptools", "h11")}
    found: Evidence = {}
    for number, (case, (path, http)) in enumerate({**CASES, BLOCKED: BLOCKS}.items(), 1):
        kept, other = servers[http].connect(), servers[http].connect()
        kept.get(path)
        lab.wait_for("begins", number)
        kept.send("/ping")
        other.send("/ping")
        found[case] = {SAME: kept.receive().took_ms, OTHER: other.receive().took_ms}
        lab.wait_for("ends", number)
        kept.close()
        other.close()
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by tasks that leave the event loop to others; one that does not holds up all."""
    took_ms = {case: seen.median(case, SAME) for case in CASES}
    waited = [case for case, ms in took_ms.items() if ms > TASK_S * 1000 / 2]
    told = (
        f"beside tasks of {TASK_S * 1000:.0f} ms, the second answer came in"
        f" {min(took_ms.values()):.0f} to {max(took_ms.values()):.0f} ms; beside one that blocks"
        f" the event loop it came in {seen.median(BLOCKED, SAME):.0f} ms, but so did that on"
        f" another connection ({seen.median(BLOCKED, OTHER):.0f} ms)"
    )
    if len(waited) == len(CASES):
        return true(told)
    if waited:
        return depends("the server and the app", f"it waited with {', '.join(waited)}; {told}")
    return false(told)


CLAIM = Claim(
    says="A second request on a kept connection waits for the first one's background task.",
    question="Does a background task hold up the next request on the same connection?",
    topic="BackgroundTasks",
    source="taxonomy-editor#401",
    instead=(
        "Nothing, if the task awaits or is `def`. If your second request does wait, look for a"
        " task that blocks the event loop: it holds up every connection."
    ),
    experiment=experiment,
    judge=judge,
)
