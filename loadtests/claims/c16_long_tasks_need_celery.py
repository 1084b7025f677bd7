"""Tasks over 30 s need Celery; those under 10 s are fine in BackgroundTasks.

A second here stands for ten: Docker, for one, sends TERM and, after 10 s, KILL.
"""

import asyncio
import time
from collections.abc import Callable

from celery import Celery
from fastapi import BackgroundTasks, FastAPI

from loadtests.claims import (
    CELERY,
    WEB,
    Claim,
    Evidence,
    Lab,
    Process,
    Seen,
    Verdict,
    depends,
    false,
    true,
)
from loadtests.claims.inside import mark, redis_url

SHORT_S, LONG_S, GRACE_S = 0.5, 3.0, 1.0
COUNT = 3
DONE = f"tasks done, of {COUNT}"
SHORT, SHORT_CRASH = "BackgroundTasks, 5 s, deploy", "BackgroundTasks, 5 s, crash"
IN_A_ROW = "BackgroundTasks, 5 s, deploy, all of one request"
LONG, LONG_DEPLOY = "BackgroundTasks, 30 s, nothing happens", "BackgroundTasks, 30 s, deploy"
QUEUE = "Celery, 30 s, crash of the API"
QUEUE_DEPLOY = "Celery, 30 s, deploy of the worker"
app, celery = FastAPI(), Celery("claim", broker=redis_url())


@app.get("/background/{seconds}/{count}")
async def in_background(seconds: float, count: int, background_tasks: BackgroundTasks) -> None:
    """Leave so many tasks for later."""
    for _ in range(count):
        background_tasks.add_task(task, seconds)


async def task(seconds: float) -> None:
    """Take so long, as calls to another service would."""
    mark("begins")
    await asyncio.sleep(seconds)
    mark("done")


@app.get("/celery/{seconds}")
def in_celery(seconds: float) -> None:
    """Leave a task to a worker."""
    job.delay(seconds)


@celery.task
def job(seconds: float) -> None:
    """Take as long in a worker."""
    mark("begins")
    time.sleep(seconds)
    mark("done")


def deploy(process: Process) -> None:
    """Ask a process to end, and kill it when its time is up."""
    process.terminate()
    process.wait(GRACE_S)
    process.kill()


BRIEF, LENGTHY, QUEUED = f"/background/{SHORT_S}", f"/background/{LONG_S}", f"/celery/{LONG_S}"
# The path and how often it is asked for, what happens while the tasks run, and for how long
# after that there is still a process that could do them.
CASES: dict[str, tuple[str, int, Callable[[Process, Process], object], float]] = {
    SHORT: (f"{BRIEF}/1", COUNT, lambda api, _: deploy(api), 0),
    IN_A_ROW: (f"{BRIEF}/{COUNT}", 1, lambda api, _: deploy(api), 0),
    SHORT_CRASH: (f"{BRIEF}/1", COUNT, lambda api, _: api.kill(), 0),
    LONG: (f"{LENGTHY}/1", COUNT, lambda _, __: None, 2 * LONG_S),
    LONG_DEPLOY: (f"{LENGTHY}/1", COUNT, lambda api, _: deploy(api), 0),
    QUEUE: (QUEUED, COUNT, lambda api, _: api.kill(), 2 * LONG_S),
    QUEUE_DEPLOY: (QUEUED, COUNT, lambda _, worker: deploy(worker), 0),
}


def experiment(lab: Lab) -> Evidence:
    """Stop or kill the process that does the tasks, or the one that asked for them."""
    lab.redis()
    worker = lab.celery("celery", "--concurrency", str(COUNT))
    found: Evidence = {}
    for case, (path, requests, happens, patience_s) in CASES.items():
        begun, done = len(lab.marks("begins")), len(lab.marks("done"))
        api = lab.serve()
        api.together(path, requests)
        lab.wait_for("begins", begun + requests)
        happens(api, worker)
        lab.comes("done", done + COUNT, patience_s)
        found[case] = {DONE: len(lab.marks("done")) - done}
        api.kill()
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by whether the length alone decides what is lost."""
    done = {case: seen.least(case, DONE) for case in CASES}
    told = f"of {COUNT} tasks were done: " + "; ".join(
        f"{case}: {count:.0f}" for case, count in done.items()
    )
    short = [done[case] == COUNT for case in (SHORT, IN_A_ROW, SHORT_CRASH)]
    long = [done[case] < COUNT for case in (LONG, LONG_DEPLOY)]
    queue = [done[case] == COUNT for case in (QUEUE, QUEUE_DEPLOY)]
    if all([*short, *long, *queue]):
        return true(f"short tasks were all done, and long ones by Celery alone: {told}")
    if not any(short) or not any(long):
        return false(f"the length made no difference: {told}")
    return depends("how the process ends, whatever the length of the task", told)


CLAIM = Claim(
    says="Tasks over 30 s need Celery; those under 10 s are fine in BackgroundTasks.",
    question="How long may a FastAPI background task take before I need Celery?",
    topic="Deploys and crashes",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Ask what a lost task costs, not how long it takes: what must not be lost goes into a"
    " queue whose worker confirms a task after it is done, or has more time to stop than it takes.",
    experiment=experiment,
    judge=judge,
    about=(*WEB, *CELERY),
    runs=1,
    timed=False,
)
