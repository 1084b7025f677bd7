"""`--timeout-graceful-shutdown` protects background tasks."""

import asyncio
import time

from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

TASK_S, SHORTER_S, LONGER_S = 2, 1, 4
COUNT, PATIENCE_S = 3, 15
NOT_SET = "not set, async def tasks"
LONGER = "twice a task's length, async def tasks"
SHORTER = "half a task's length, async def tasks"
IN_THREADS = "half a task's length, def tasks"
CASES = {
    NOT_SET: ("/async", ()),
    LONGER: ("/async", ("--timeout-graceful-shutdown", str(LONGER_S))),
    SHORTER: ("/async", ("--timeout-graceful-shutdown", str(SHORTER_S))),
    IN_THREADS: ("/def", ("--timeout-graceful-shutdown", str(SHORTER_S))),
}
DONE, ENDED = f"tasks done, of {COUNT}", "server ended after TERM, s"
app = FastAPI()


async def awaiting() -> None:
    """Take 2 s, as a call to another service would."""
    mark("begins")
    await asyncio.sleep(TASK_S)
    mark("done")


def blocking() -> None:
    """Take as long in a thread."""
    mark("begins")
    time.sleep(TASK_S)
    mark("done")


@app.get("/{kind}")
async def submit(kind: str, background_tasks: BackgroundTasks) -> None:
    """Leave a task for later."""
    background_tasks.add_task(awaiting if kind == "async" else blocking)


def experiment(lab: Lab) -> Evidence:
    """Send TERM to a server while its tasks run, and wait for its end as long as it needs."""
    found: Evidence = {}
    for case, (path, options) in CASES.items():
        server = lab.serve("app", *options)
        begun, done = len(lab.marks("begins")), len(lab.marks("done"))
        server.together(path, COUNT)
        lab.wait_for("begins", begun + COUNT)
        server.terminate()
        end = server.wait(PATIENCE_S)
        found[case] = {
            DONE: len(lab.marks("done")) - done,
            ENDED: end.after_s if end else None,
        }
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by what the option saves that would be lost without it, and what it takes away."""
    least = {case: seen.least(case, DONE) for case in CASES}
    told = f"of {COUNT} tasks were done: " + "; ".join(
        f"{case}: {done:.0f}" for case, done in least.items()
    )
    if least[LONGER] > least[NOT_SET]:
        if least[SHORTER] > least[NOT_SET]:
            return true(f"with it, tasks were done that were lost without it: {told}")
        return depends("whether the limit is longer than the tasks", told)
    if least[SHORTER] < least[NOT_SET]:
        return false(
            "it is a limit, not a protection: without it the server waits for the tasks as long as"
            f" they take; {told}"
        )
    return false(f"it made no difference to the tasks: {told}")


CLAIM = Claim(
    says="`--timeout-graceful-shutdown` protects background tasks.",
    question="Does --timeout-graceful-shutdown let my background tasks finish?",
    topic="Deploys and crashes",
    source="uvicorn#2119",
    instead="Leave it out, or set it above the longest task, and give whatever stops the server"
    " more time still: Docker kills after 10 s, Kubernetes after 30 s.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
