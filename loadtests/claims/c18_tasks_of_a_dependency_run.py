"""Tasks added in a dependency run too.

FastAPI hands every dependency of a request the same BackgroundTasks as the endpoint, and puts it
into the response if that has no `background` of its own. It does not add one to the other.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

SETTLE_S = 1
PLAIN, RESPONSE = "the endpoint returns data", "it returns a Response"
OWN = "it returns a Response with its own background"
RAISED = "it raises an HTTPException"
LATE = "the dependency adds it after its yield"
CASES = {PLAIN: "/plain", RESPONSE: "/response", OWN: "/own", RAISED: "/raised", LATE: "/late"}
STATUS, OF_DEPENDENCY, OF_ENDPOINT, FIRST = (
    "status", "the dependency's task ran, of 1", "the endpoint's task ran, of 1",
    "the dependency's was first, of 1",
)  # fmt: skip
app = FastAPI()


def task(of: str) -> None:
    """Do a request's work."""
    mark(of)


def audited(background_tasks: BackgroundTasks) -> None:
    """Note each request, after it has been answered."""
    background_tasks.add_task(task, "dependency")


def audited_late(background_tasks: BackgroundTasks) -> Iterator[None]:
    """Note each request, once the endpoint has come to its end."""
    yield
    background_tasks.add_task(task, "dependency")


Audited = [Depends(audited)]


@app.get("/plain", dependencies=Audited)
async def plain(background_tasks: BackgroundTasks) -> dict[str, str]:
    """Return data."""
    background_tasks.add_task(task, "endpoint")
    return {"status": "accepted"}


@app.get("/response", dependencies=Audited)
async def response(background_tasks: BackgroundTasks) -> Response:
    """Return a response."""
    background_tasks.add_task(task, "endpoint")
    return JSONResponse({"status": "accepted"})


@app.get("/own", dependencies=Audited)
async def own() -> Response:
    """Return a response with a task, as Starlette's documentation does."""
    return JSONResponse({"status": "accepted"}, background=BackgroundTask(task, "endpoint"))


@app.get("/raised", dependencies=Audited)
async def raised(background_tasks: BackgroundTasks) -> None:
    """Refuse the request after all."""
    background_tasks.add_task(task, "endpoint")
    raise HTTPException(409)


@app.get("/late")
async def late(
    background_tasks: BackgroundTasks, _: Annotated[None, Depends(audited_late)]
) -> None:
    """Return while the dependency has not yet added its task."""
    background_tasks.add_task(task, "endpoint")


def experiment(lab: Lab) -> Evidence:
    """Ask for each path once, and see which of the two tasks run."""
    server = lab.serve()
    found: Evidence = {}
    for case, path in CASES.items():
        before = len(lab.marks())
        answer = server.get(path)
        lab.comes("", before + 2, SETTLE_S)
        ran = [one.name for one in lab.marks()[before:]]
        found[case] = {
            STATUS: answer.status,
            OF_DEPENDENCY: ran.count("dependency"),
            OF_ENDPOINT: ran.count("endpoint"),
            FIRST: float(ran[:1] == ["dependency"]),
        }
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by whether the dependency's task ran, whatever the endpoint did."""
    lost = [case for case in CASES if not seen.least(case, OF_DEPENDENCY)]
    ran = [case for case in CASES if case not in lost]
    if PLAIN in lost:
        return false(f"the dependency's task did not run although {PLAIN}")
    first = all(seen.least(case, FIRST) for case in ran)
    order = " before the endpoint's" if first else ""
    told = f"it ran{order} if {'; or if '.join(ran)}"
    if not lost:
        return true(told)
    return depends(
        "what the endpoint returns, and on when the dependency adds the task",
        f"{told}; it did not run, and nothing said so, if {'; or if '.join(lost)}",
    )


CLAIM = Claim(
    says="Tasks added in a dependency run too.",
    question="Do background tasks that a dependency adds run after the response?",
    topic="BackgroundTasks",
    source="a tutorial, “Background Tasks”, and FastAPI's documentation",
    instead="Add the endpoint's own tasks to its `BackgroundTasks` parameter, never as a"
    " response's `background`, and those of a dependency before its `yield`.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
