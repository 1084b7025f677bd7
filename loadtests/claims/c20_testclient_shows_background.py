"""TestClient shows that the work is in the background.

TestClient calls the application in the test's own process, and returns when the application does;
the background tasks are part of that. A server sends the answer while the application still runs.
"""

import time

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import CannotRunError, Claim, Evidence, Lab, Seen, Verdict, false, true
from loadtests.claims.inside import mark

TASK_MS, PATIENCE_S = 1000, 20
CLIENT, SERVER = "TestClient", "uvicorn"
ANSWERED, DONE = "answer after, ms", "task done before the answer, of 1"
RAISED = "a failed task seen by the caller, of 1"
TEST = "from loadtests.claims.c20_testclient_shows_background import test; test()"
CANNOT = "TestClient needs httpx2, which is not installed: pip install httpx2"
app = FastAPI()


def task() -> None:
    """Take a second."""
    time.sleep(TASK_MS / 1000)
    mark("done")


def failing_task() -> None:
    """Fail, as a mail to a wrong address does."""
    raise ValueError("no such address")


@app.get("/works")
async def works(background_tasks: BackgroundTasks) -> None:
    """Leave a task for later."""
    background_tasks.add_task(task)


@app.get("/fails")
async def fails(background_tasks: BackgroundTasks) -> None:
    """Leave one for later that fails."""
    background_tasks.add_task(failing_task)


def test() -> None:
    """Call the app as tests do."""
    try:
        from fastapi.testclient import TestClient  # noqa: PLC0415 - it may not be there
    except RuntimeError:
        mark("cannot run")
        return
    client = TestClient(app)
    began_s = time.monotonic()
    client.get("/works")
    mark("answered", after_ms=(time.monotonic() - began_s) * 1000)
    try:
        client.get("/fails")
    except ValueError:
        mark("raised")


def experiment(lab: Lab) -> Evidence:
    """Ask for both paths through TestClient, then through a server."""
    lab.python(CLIENT, "-c", TEST).wait(PATIENCE_S)
    if lab.marks("cannot run"):
        raise CannotRunError(CANNOT)
    (tested,) = lab.wait_for("answered")
    tests_done = [one for one in lab.marks("done") if one.at_s <= tested.at_s]
    server = lab.serve()
    served = server.get("/works")
    _, done = lab.wait_for("done", 2)
    return {
        CLIENT: {
            ANSWERED: tested.values["after_ms"],
            DONE: len(tests_done),
            RAISED: len(lab.marks("raised")),
        },
        SERVER: {
            ANSWERED: served.took_ms,
            DONE: float(done.at_s <= served.last_byte_s),
            RAISED: float(server.get("/fails").status != served.status),
        },
    }


def judge(seen: Seen) -> Verdict:
    """Judge by whether the call returned before the task was done."""
    told = "; ".join(
        f"the answer came after {seen.median(how, ANSWERED):.0f} ms from {how}, which"
        f" {'showed' if seen.most(how, RAISED) else 'did not show'} the error of a failed task"
        for how in (CLIENT, SERVER)
    )
    if seen.most(CLIENT, DONE):
        return false(f"with a task of {TASK_MS / 1000:g} s, {told}")
    return true(f"with a task of {TASK_MS / 1000:g} s, {told}")


CLAIM = Claim(
    says="TestClient shows that the work is in the background.",
    question="Why does FastAPI's TestClient wait for my background tasks?",
    topic="BackgroundTasks",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Test with TestClient what a task does. That the client does not wait can be seen only"
    " from a server, started for the test.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
