"""A worker goes on consuming after its connection to the broker was reset.

Celery gives back what it has not acknowledged when its connection is gone, and goes on with it all
the same. So a task with `acks_late` that was in progress is done twice (celery and kombu 5.7),
unless `worker_cancel_long_running_tasks_on_connection_loss` is set. RQ (3.0) tries again while it
waits for a job, first after 1 s; a connection that is lost in any other command ends its worker
(`BaseWorker.work` in `rq/worker/base.py`), which takes a reset within the same few milliseconds.
"""

import time

import redis
from celery import Celery
from fastapi import FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import (
    CELERY,
    Broker,
    Claim,
    Evidence,
    Lab,
    Process,
    Seen,
    Server,
    Verdict,
    depends,
    false,
    true,
)
from loadtests.claims.inside import mark, redis_url

TASK_S, TASKS, SETTLED_S = 0.4, 2, 0.5
RUNS, DONE, STARTS = "worker still runs, of 1", f"tasks done, of {TASKS}", "starts"
IDLE, BUSY, LATE = "Celery, idle", "Celery, busy", "Celery, busy, acks_late"
RQ_IDLE, RQ_BUSY = "RQ, idle", "RQ, busy"
CASES = (IDLE, BUSY, LATE, RQ_IDLE, RQ_BUSY)
app = FastAPI()
celery = Celery("claim", broker=redis_url())
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


def work(case: str, task: int) -> None:
    """Take 0.4 s."""
    mark("begins", case=case)
    time.sleep(TASK_S)
    mark("done", case=case, task=task)


early = celery.task(name="early38")(work)
late = celery.task(name="late38", acks_late=True)(work)


@app.post("/jobs/{number}")
def submit(number: int) -> None:
    """Enqueue two tasks for a case."""
    case = CASES[number]
    for task in range(TASKS):
        if case.startswith("RQ"):
            queue.enqueue(work, case, task)
        else:
            (late if case == LATE else early).delay(case, task)


def experiment(lab: Lab) -> Evidence:
    """Close every client's connection before the tasks are enqueued, or while one is done."""
    broker, server = lab.redis(), lab.serve()
    worker = lab.celery("celery", "--concurrency", "1", "--without-mingle")
    found = {case: reset(lab, broker, server, worker, case) for case in (IDLE, BUSY, LATE)}
    worker.kill()
    worker = lab.rq("--serializer", "rq.serializers.JSONSerializer")
    return found | {case: reset(lab, broker, server, worker, case) for case in (RQ_IDLE, RQ_BUSY)}


def reset(
    lab: Lab, broker: Broker, server: Server, worker: Process, case: str
) -> dict[str, float | None]:
    """Make one case, and return what its worker did."""
    path = f"/jobs/{CASES.index(case)}"
    begun, ended = len(lab.marks("begins")), len(lab.marks("done"))
    time.sleep(SETTLED_S)
    if case in (IDLE, RQ_IDLE):
        broker.disconnect()
        server.post(path)
    else:
        server.post(path)
        lab.wait_for("begins", begun + 1)
        broker.disconnect()
    lab.comes("done", ended + TASKS)
    time.sleep(2 * TASK_S)
    done = {one.values["task"] for one in lab.marks("done") if one.values["case"] == case}
    starts = sum(one.values["case"] == case for one in lab.marks("begins"))
    runs = worker.wait(0.1) is None
    if not runs:
        worker.start()
    return {RUNS: int(runs), DONE: len(done), STARTS: starts}


def judge(seen: Seen) -> Verdict:
    """Judge by whether every worker lives, and has done what was enqueued."""
    stopped = [
        case for case in CASES if seen.least(case, RUNS) < 1 or seen.least(case, DONE) < TASKS
    ]
    twice = [case for case in CASES if seen.most(case, STARTS) > TASKS]
    if stopped:
        said = f"not done, or the worker ended: {'; '.join(stopped)}"
        whole = len({case.split(",")[0] for case in stopped}) > 1
        return false(said) if whole else depends("the queue, and what its worker is at", said)
    again = f", but some were begun again: {'; '.join(twice)}" if twice else ""
    return true(f"every worker went on, and each task was done{again}")


CLAIM = Claim(
    says="A worker goes on consuming after its connection to the broker was reset.",
    question="Does a Celery or RQ worker survive a lost connection to Redis?",
    topic="Brokers",
    source="celery#9054, celery#8030, celery#8384",
    instead="Write a task with acks_late so that it may run twice. If the broker itself restarts, a"
    " busy Celery worker may end: let a supervisor start it again.",
    experiment=experiment,
    judge=judge,
    about=(*CELERY, "rq"),
    runs=1,
    timed=False,
)
