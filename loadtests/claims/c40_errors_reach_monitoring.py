"""A task's exception reaches error monitoring.

It is raised through the app up to uvicorn, which logs it. But the answer has gone by then, so code
that waits for an answer to be made does not see it, and no error page can be sent.
"""

import asyncio
import logging
import time
from collections import Counter
from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint
from starlette.types import ASGIApp

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASKS = {"def task": "/def", "async def task": "/async"}
HANDLED = "async def task, error of a class with a handler"
CASES = {
    **TASKS,
    HANDLED: "/handled",
    "asyncio.create_task": "/create-task",
    "the endpoint itself": "/endpoint",
}
MONITORS = ("error log", "ASGI middleware", "@app.middleware", "handler of Exception")
OF_CLASS = "handler of its class"
SETTLE_S = 0.3
app = FastAPI()


class PaymentError(Exception):
    """An error for which the app has a handler."""


class Log(logging.Handler):
    """Report what is logged as an error, as monitoring tools do."""

    def emit(self, record: logging.LogRecord) -> None:
        """Report one."""
        mark("error log", message=record.getMessage())


class Monitor:
    """Report what is raised through the app, as monitoring tools do too."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an app."""
        self.app = app

    async def __call__(self, *request: Any) -> None:
        """Pass a request on."""
        try:
            await self.app(*request)
        except Exception:
            mark("ASGI middleware")
            raise


@app.middleware("http")
async def report(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Report what is raised while the answer is made."""
    try:
        return await call_next(request)
    except Exception:
        mark("@app.middleware")
        raise


@app.exception_handler(Exception)
async def on_error(_: Request, __: Exception) -> Response:
    """Report any error, and answer."""
    mark("handler of Exception")
    return Response("Sorry", 500)


@app.exception_handler(PaymentError)
async def on_payment_error(_: Request, __: Exception) -> Response:
    """Report an error of this class, and answer."""
    mark("handler of its class")
    return Response("Pay first", 402)


app.add_middleware(Monitor)
for name in ("", "uvicorn.error"):
    logging.getLogger(name).addHandler(Log(logging.ERROR))


def fails() -> None:
    """Fail in a thread."""
    raise ValueError


async def fails_on_loop(error: type[Exception] = ValueError) -> None:
    """Fail on the event loop."""
    raise error


@app.get("/create-task")
async def create_task() -> None:
    """Create a task of asyncio, which is kept as long as it runs."""
    app.state.task = asyncio.create_task(fails_on_loop())
    app.state.task.add_done_callback(lambda _: delattr(app.state, "task"))


@app.get("/endpoint")
async def endpoint() -> None:
    """Fail before the answer."""
    raise ValueError


@app.get("/{name}")
async def submit(name: str, background_tasks: BackgroundTasks) -> None:
    """Add a task that fails."""
    if name == "def":
        background_tasks.add_task(fails)
    else:
        background_tasks.add_task(fails_on_loop, PaymentError if name == "handled" else ValueError)


def experiment(lab: Lab) -> Evidence:
    """Have each task fail once, and see who reported it."""
    server = lab.serve()
    found: Evidence = {}
    for case, path in CASES.items():
        began_s = server.get(path).sent_s
        time.sleep(SETTLE_S)
        reports = Counter(one.name for one in lab.marks() if one.at_s > began_s)
        found[case] = {monitor: reports[monitor] for monitor in MONITORS}
        found[case][OF_CLASS] = reports[OF_CLASS] if case == HANDLED else None
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by which ways of monitoring reported the errors of both kinds of task."""
    saw = [one for one in MONITORS if all(seen.least(case, one) > 0 for case in TASKS)]
    missed = [one for one in MONITORS if one not in saw]
    told = f"reported by: {', '.join(saw) or 'none'}; not by: {', '.join(missed) or 'none'}"
    if saw and missed:
        return depends("where the monitoring listens", told)
    return true(told) if saw else false(told)


CLAIM = Claim(
    says="A task's exception reaches error monitoring.",
    question="Why does my error handler not see an exception of a background task?",
    topic="Errors",
    source="fastapi#2589",
    instead=(
        "Have the monitoring listen to the log or as ASGI middleware, not in @app.middleware. An"
        " error that has a handler of its own is reported as the RuntimeError that it causes."
    ),
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
