"""Celery survives server restarts.

A task is acknowledged as it begins, so a worker that is killed takes it along. What the worker had
fetched ahead comes back after the visibility timeout: 2 s here, and an hour by default.
"""

import time

import redis
from celery import Celery
from fastapi import FastAPI

from loadtests.claims import (
    CELERY,
    WEB,
    Broker,
    Claim,
    Evidence,
    Lab,
    Seen,
    Server,
    Verdict,
    depends,
    false,
    true,
)
from loadtests.claims.inside import mark, redis_url

TASK_S, TASKS, TIMEOUT_S, PATIENCE_S = 0.5, 3, 2, 30
DONE = f"tasks done, of {TASKS}"
API, DEPLOYED = "API killed", "worker told to end (TERM)"
KILLED, KILLED_LATE = "worker killed", "worker killed, acks_late"
SAVED, APPENDED = "Redis killed, its save points", "Redis killed, append-only file"
CASES = (API, DEPLOYED, KILLED, KILLED_LATE, SAVED, APPENDED)
# Without a wait of a second for other workers.
OPTIONS = ("--concurrency", "2", "--without-mingle")
app = FastAPI()
celery = Celery("claim", broker=redis_url())
celery.conf.broker_transport_options = {"visibility_timeout": TIMEOUT_S}


@celery.task
def work(case: str) -> None:
    """Take half a second."""
    mark("begins", case=case)
    time.sleep(TASK_S)
    mark("done", case=case)


@celery.task(acks_late=True)
def work_late(case: str) -> None:
    """Do the same, and be acknowledged only after it."""
    work(case)


@app.post("/jobs/{number}")
def submit(number: int) -> None:
    """Enqueue three tasks for a case."""
    for _ in range(TASKS):
        work.delay(CASES[number])


@app.post("/both")
def submit_both() -> None:
    """Enqueue three tasks of each kind, in turn."""
    for _ in range(TASKS):
        work.delay(KILLED)
        work_late.delay(KILLED_LATE)


def experiment(lab: Lab) -> Evidence:
    """Restart one server after the other while tasks wait, and count what was done in the end."""
    broker, server = lab.redis("AOF everysec"), lab.serve()
    server.post(f"/jobs/{CASES.index(API)}")
    server.kill()
    server.start()
    worker = lab.celery("celery", *OPTIONS)
    server.post(f"/jobs/{CASES.index(DEPLOYED)}")
    lab.wait_for("begins", TASKS + 1)
    worker.terminate()
    worker.wait(10)
    worker.start()
    server.post("/both")
    lab.wait_for("begins", 2 * TASKS + 2)
    worker.kill()
    killed(broker, server, APPENDED)
    time.sleep(TIMEOUT_S)
    worker.start()
    empty(broker)
    broker, server = lab.redis("save points"), lab.serve()
    killed(broker, server, SAVED)
    lab.celery("celery", *OPTIONS)
    empty(broker)
    ended = [one.values["case"] for one in lab.marks("done")]
    return {case: {DONE: ended.count(case)} for case in CASES}


def killed(broker: Broker, server: Server, case: str) -> None:
    """Kill the broker while it holds a case's tasks, and start it again."""
    server.post(f"/jobs/{CASES.index(case)}")
    broker.kill()
    broker.start()


def empty(broker: Broker) -> None:
    """Wait until no task waits, and the last that began has ended."""
    client = redis.Redis.from_url(broker.url)
    ends_s = time.monotonic() + PATIENCE_S
    while (client.llen("celery") or client.hlen("unacked")) and time.monotonic() < ends_s:
        time.sleep(0.1)
    time.sleep(2 * TASK_S)


def judge(seen: Seen) -> Verdict:
    """Judge by whether a restart, of any of the servers, took a task."""
    least = {case: seen.least(case, DONE) for case in CASES}
    told = "; ".join(f"{case}, {count:.0f}" for case, count in least.items())
    if all(count == TASKS for count in least.values()):
        return true(f"all {TASKS} tasks were done after each restart")
    if least[API] < TASKS:
        return false(f"even a restart of the API took tasks; done of {TASKS}: {told}")
    return depends(
        "which server it is, when a worker acknowledges, and what Redis writes to disk",
        f"tasks done, of {TASKS}: {told}",
    )


CLAIM = Claim(
    says="Celery survives server restarts.",
    question="Do Celery tasks survive a restart of the server?",
    topic="Deploys and crashes",
    source="a tutorial, “FastAPI Core: Background Tasks”",
    instead="Set task_acks_late and task_reject_on_worker_lost for tasks that may run twice, a"
    " visibility timeout longer than the longest task, and an append-only file in Redis.",
    experiment=experiment,
    judge=judge,
    about=(*WEB, *CELERY),
    runs=1,
    timed=False,
)
