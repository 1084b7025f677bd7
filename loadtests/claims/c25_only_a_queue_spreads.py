"""A queue runs tasks on several servers; BackgroundTasks does not.

The servers are processes here. A background task runs in the process that accepted its request, so
background tasks spread only as requests do.
"""

import os
import time

from celery import Celery
from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import CELERY, WEB, Claim, Evidence, Lab, Seen, Verdict, false, true
from loadtests.claims.inside import mark, redis_url

TASK_S, TASKS, PROCESSES = 0.5, 6, 2
IN_API, IN_QUEUE = "BackgroundTasks, API of two processes", "Celery, two workers"
KILLED_API, KILLED_QUEUE = "BackgroundTasks, the API killed", "Celery, the API killed"
CASES = {
    IN_API: "/background/0", IN_QUEUE: "/celery/1",
    KILLED_API: "/background/2", KILLED_QUEUE: "/celery/3",
}  # fmt: skip
DONE, ELSEWHERE = f"done, of {TASKS}", "done by another process than the request's"
BY = "processes that did them"
app = FastAPI()
celery = Celery("claim", broker=redis_url())


def work(case: int, accepted_by: int) -> None:
    """Take half a second."""
    mark("begins", case=case)
    time.sleep(TASK_S)
    mark("done", case=case, accepted_by=accepted_by)


celery_work = celery.task(work)


@app.get("/background/{case}")
async def in_background(case: int, background_tasks: BackgroundTasks) -> None:
    """Leave a task for later."""
    background_tasks.add_task(work, case, os.getpid())


@app.get("/celery/{case}")
def in_queue(case: int) -> None:
    """Enqueue the same task."""
    celery_work.delay(case, os.getpid())


def experiment(lab: Lab) -> Evidence:
    """Send six requests over one connection; see who does the tasks, and who if the API dies."""
    lab.redis()
    server = lab.serve(workers=PROCESSES)
    for _ in range(PROCESSES):
        lab.celery("celery", "--concurrency", "1", "--without-mingle")
    for case, path in CASES.items():
        connection = server.connect()
        for _ in range(TASKS):
            connection.get(path)
        connection.close()
        if case in (IN_API, IN_QUEUE):
            lab.wait_for("done", TASKS * (1 + (case == IN_QUEUE)))
        else:
            server.kill()
            server.start()
    lab.comes("done", 4 * TASKS, timeout_s=TASKS * TASK_S)
    found: Evidence = {}
    for number, case in enumerate(CASES):
        done = [one for one in lab.marks("done") if one.values["case"] == number]
        found[case] = {
            DONE: len(done),
            ELSEWHERE: sum(one.pid != one.values["accepted_by"] for one in done),
            BY: len({one.pid for one in done}),
        }
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by who did the tasks, and by whether they outlived the API."""
    told = (
        f"of {TASKS} tasks, BackgroundTasks had {seen.most(IN_API, ELSEWHERE):.0f} done by another"
        f" process than the request's, Celery {seen.least(IN_QUEUE, ELSEWHERE):.0f}, in"
        f" {seen.least(IN_QUEUE, BY):.0f} workers; {seen.most(KILLED_API, DONE):.0f} and"
        f" {seen.least(KILLED_QUEUE, DONE):.0f} were done when the API was killed"
    )
    spreads = seen.least(IN_QUEUE, BY) == PROCESSES and seen.least(IN_QUEUE, DONE) == TASKS
    return true(told) if spreads and not seen.most(IN_API, ELSEWHERE) else false(told)


CLAIM = Claim(
    says="A queue runs tasks on several servers; BackgroundTasks does not.",
    question="Can FastAPI's background tasks run on several servers?",
    topic="Queues",
    source="a tutorial, “Background Tasks”, after FastAPI's documentation",
    instead="Scale BackgroundTasks with the API: a task runs where its request was. Take a queue if"
    " tasks need servers of their own, or must outlive the API's process.",
    experiment=experiment,
    judge=judge,
    about=(*WEB, *CELERY),
    runs=1,
    timed=False,
)
