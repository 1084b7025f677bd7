"""Background tasks run in the same process as the request's handler."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI

from after202.kernel.errors import TrialError
from loadtests.claims import Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark

CONNECTIONS, ROUNDS, JOBS, BUSY_S = 8, 5, 40, 0.02
CASES = {"1 API worker": 1, "2 API workers": 2}
SAME, PROCESSES = "tasks in their handler's process, of 40", "processes that took requests"
KNOWN = "done jobs that another connection knew of, of 40"


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Note that a worker is ready."""
    mark("ready")
    yield


app = FastAPI(lifespan=lifespan)
done: set[str] = set()


def task(job: str, handler: int) -> None:
    """Remember that a job is done in a variable of the module, as tutorials do."""
    done.add(job)
    mark("task", job=job, handler=handler)


@app.get("/jobs/{job}")
async def submit(job: str, background_tasks: BackgroundTasks) -> None:
    """Leave a task; be busy for a moment, so that another worker takes the next connection."""
    time.sleep(BUSY_S)  # noqa: ASYNC251 - it stands for work of the handler
    background_tasks.add_task(task, job, os.getpid())


@app.get("/status/{job}")
async def status(job: str) -> bool:
    """Return whether a job is done, as far as this process knows."""
    return job in done


def experiment(lab: Lab) -> Evidence:
    """Submit jobs over eight connections; ask for each job's status over the next of them."""
    return {case: jobs(lab, workers) for case, workers in CASES.items()}


def jobs(lab: Lab, workers: int) -> dict[str, float | None]:
    """Return what became of 40 jobs, with so many API workers."""
    ready, before = len(lab.marks("ready")), len(lab.marks("task"))
    server = lab.serve(workers=workers)
    lab.wait_for("ready", ready + workers)
    connections = [server.connect() for _ in range(CONNECTIONS)]
    for round_ in range(ROUNDS):
        for number, one in enumerate(connections):
            one.send(f"/jobs/{round_ * CONNECTIONS + number}")
        for one in connections:
            one.receive()
    tasks = lab.wait_for("task", before + JOBS)[before:]
    processes = len({one.values["handler"] for one in tasks})
    if processes < workers:
        raise TrialError(f"{processes} of {workers} API workers took every request")
    asked = [connections[(job + 1) % CONNECTIONS].get(f"/status/{job}") for job in range(JOBS)]
    return {
        SAME: sum(one.pid == one.values["handler"] for one in tasks),
        PROCESSES: processes,
        KNOWN: sum(answer.body == b"true" for answer in asked),
    }


def judge(seen: Seen) -> Verdict:
    """Say how many tasks ran in their handler's process, with one worker and with two."""
    same = min(seen.least(case, SAME) for case in CASES)
    one, two = (
        f"with {case}, {seen.least(case, SAME):.0f} of {JOBS} tasks ran in their handler's process,"
        f" and {seen.least(case, KNOWN):.0f} were known where another connection asked"
        for case in CASES
    )
    if same == JOBS:
        return true(f"{one}; {two}")
    if max(seen.most(case, SAME) for case in CASES) == 0:
        return false(f"{one}; {two}")
    return depends("the number of API workers", f"{one}; {two}")


CLAIM = Claim(
    says="Background tasks run in the same process as the request's handler.",
    question="Do FastAPI's background tasks run in the same process, with several workers too?",
    topic="BackgroundTasks",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Keep a job's status in a database or Redis: with several workers, variables differ.",
    experiment=experiment,
    judge=judge,
    runs=1,
    timed=False,
)
