"""A middleware does not affect background tasks.

For a middleware, a background task is a part of the application that it calls: Starlette runs it
within the response. `call_next` of a BaseHTTPMiddleware returns before that; `await app(…)` of a
plain ASGI middleware returns only after it. Starlette before 0.21 cancelled the tasks under a
BaseHTTPMiddleware if the client had gone.
"""

import asyncio

from fastapi import BackgroundTasks, FastAPI, Request, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.types import ASGIApp, Receive, Scope, Send

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

ENDPOINT_S, TASK_S, LIMIT_S = 0.3, 1.0, 0.8


class Limited:
    """Give the application a time limit, as an ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        async with asyncio.timeout(LIMIT_S if scope["type"] == "http" else None):
            await self.app(scope, receive, send)


async def forward(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Do nothing."""
    return await call_next(request)


async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Answer with a response of one's own."""
    answer = await call_next(request)
    return Response(b"other", answer.status_code)


async def limit(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Give the application a time limit."""
    async with asyncio.timeout(LIMIT_S):
        return await call_next(request)


async def task(who: str) -> None:
    """Take a second, as a call to another service would."""
    mark("begins")
    await asyncio.sleep(TASK_S)
    mark("done", who=who)


def shop() -> FastAPI:
    """Return the app, without a middleware."""
    app = FastAPI()

    @app.get("/{who}")
    async def order(who: str, background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(task, who)
        mark("asked")
        await asyncio.sleep(ENDPOINT_S)

    return app


bare, forwarded, replaced, limited, limited_whole = shop(), shop(), shop(), shop(), shop()
forwarded.add_middleware(BaseHTTPMiddleware, dispatch=forward)
replaced.add_middleware(BaseHTTPMiddleware, dispatch=replace)
limited.add_middleware(BaseHTTPMiddleware, dispatch=limit)
limited_whole.add_middleware(Limited)
NONE = "no middleware"
CASES = {
    NONE: "bare",
    "BaseHTTPMiddleware that does nothing": "forwarded",
    "BaseHTTPMiddleware that replaces the response": "replaced",
    f"limit of {LIMIT_S} s around call_next (BaseHTTPMiddleware)": "limited",
    f"limit of {LIMIT_S} s around the app (ASGI middleware)": "limited_whole",
}
STAYS, GOES = "done, the client stays, of 1", "done, the client goes, of 1"


def experiment(lab: Lab) -> Evidence:
    """Ask twice; one client goes away while its request is being answered."""
    found: Evidence = {}
    for number, (case, app) in enumerate(CASES.items()):
        server = lab.serve(app)
        staying, going = server.connect(), server.connect()
        staying.send("/staying")
        going.send("/going")
        lab.wait_for("asked", 2 * number + 2)
        before = done(lab)
        going.reset()
        lab.comes("done", len(before) + 2, timeout_s=2 * (ENDPOINT_S + TASK_S))
        new = done(lab)[len(before) :]
        found[case] = {STAYS: new.count("staying"), GOES: new.count("going")}
        server.kill()
    return found


def done(lab: Lab) -> list[str]:
    """Return for whom tasks were done."""
    return [one.values["who"] for one in lab.marks("done")]


def judge(seen: Seen) -> Verdict:
    """Judge by the tasks that were done without a middleware, and not with one."""
    lost = {
        case: [one for one in (STAYS, GOES) if seen.least(case, one) < seen.least(NONE, one)]
        for case in CASES
        if case != NONE
    }
    some = [case for case, figures in lost.items() if figures]
    kept = [case for case in CASES if case not in some]
    told = f"the task was done, even if the client went away, with {', '.join(kept)}"
    if not some:
        return true(told)
    if len(some) == len(lost):
        return false(f"the task was lost with {', '.join(some)}")
    told = f"{told}; it was lost with {', '.join(some)}"
    if any(STAYS in figures for figures in lost.values()):
        return depends("whether the middleware limits the time of all that it calls", told)
    return depends("whether the client goes away", told)


CLAIM = Claim(
    says="A middleware does not affect background tasks.",
    question="Can a middleware cancel or delay FastAPI's background tasks?",
    topic="BackgroundTasks",
    source="common advice",
    instead="Let a time limit end with the response: put it around `call_next` of a"
    " BaseHTTPMiddleware, or into the endpoint, not around the whole application.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
