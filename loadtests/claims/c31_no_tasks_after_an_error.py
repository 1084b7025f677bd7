"""Tasks do not run if the endpoint raises after adding them.

FastAPI puts the tasks into the response that it makes from what the endpoint returns. If the
endpoint raises, another response is sent, which an exception handler made and which has none.
"""

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

SETTLE_S = 1
RETURNS, REFUSES, FAILS = "the endpoint returns", "it raises HTTPException", "it raises KeyError"
HANDLED = "it raises what a handler answers"
CARRIED = "it raises what a handler answers with the tasks"
CASES = {
    RETURNS: "/returns", REFUSES: "/refuses", FAILS: "/fails", HANDLED: "/handled",
    CARRIED: "/carried",
}  # fmt: skip
STATUS, RAN = "status", "task ran, of 1"
app = FastAPI()


class OutOfStockError(Exception):
    """An error of the shop's own; `tasks` are those of the request."""

    def __init__(self, tasks: BackgroundTasks | None = None) -> None:
        """Take the tasks that the answer shall carry."""
        self.tasks = tasks


@app.exception_handler(OutOfStockError)
async def out_of_stock(_: Request, error: OutOfStockError) -> Response:
    """Answer in place of the endpoint."""
    return JSONResponse({"detail": "out of stock"}, status_code=409, background=error.tasks)


def task() -> None:
    """Tell somebody that the order failed."""
    mark("ran")


@app.get("/{what}")
async def order(what: str, background_tasks: BackgroundTasks) -> None:
    """Add a task; then return, or raise."""
    background_tasks.add_task(task)
    match what:
        case "refuses":
            raise HTTPException(409)
        case "fails":
            raise KeyError(what)
        case "handled":
            raise OutOfStockError
        case "carried":
            raise OutOfStockError(background_tasks)


def experiment(lab: Lab) -> Evidence:
    """Ask for each path once."""
    server = lab.serve()
    found: Evidence = {}
    for case, path in CASES.items():
        ran = len(lab.marks("ran"))
        status = server.get(path).status
        lab.comes("ran", ran + 1, SETTLE_S)
        found[case] = {STATUS: status, RAN: len(lab.marks("ran")) - ran}
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by the ways of raising; whoever passes the tasks on by hand wants them to run."""
    raised = [case for case in CASES if case not in (RETURNS, CARRIED)]
    ran = [case for case in raised if seen.most(case, RAN)]
    told = "; ".join(
        f"{case}: status {seen.median(case, STATUS):.0f},"
        f" {'the task ran' if seen.most(case, RAN) else 'it did not run'}"
        for case in CASES
    )
    if len(ran) == len(raised):
        return false(told)
    if ran:
        return depends("what is raised and who answers", told)
    return true(told)


CLAIM = Claim(
    says="Tasks do not run if the endpoint raises after adding them.",
    question="Why does my background task not run when I raise an HTTPException?",
    topic="Errors",
    source="fastapi#2505 and #2604",
    instead="Return the error as a response instead of raising it, or raise an error of your own"
    " whose handler answers with the tasks as `background`.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
