"""`acks_late` means that a task is never lost.

Two ways remain (celery and kombu 5.7). If only the process of a task dies, Celery files the task as
failed and acknowledges it, unless it has `reject_on_worker_lost`. And the Redis transport takes a
message by BRPOP and notes it as unacknowledged afterwards: in between, only the worker has it.
"""

import time

import redis
from celery import Celery
from fastapi import FastAPI

from loadtests.claims import (
    CELERY,
    Claim,
    Evidence,
    Lab,
    Seen,
    Verdict,
    depends,
    false,
    true,
)
from loadtests.claims.inside import mark, redis_url

TASK_S, TIMEOUT_S = 0.5, 8
DONE, STARTS, HELD = "done, of 1", "starts", "left in the broker"
EARLY, LATE = "process killed, default", "process killed, acks_late"
REJECTED = "process killed, acks_late and reject_on_worker_lost"
WORKER = "worker killed, acks_late"
FROZEN = "worker killed as the task came, acks_late"
app = FastAPI()
celery = Celery("claim", broker=redis_url())
# By default an hour, and a look every 100 s. A dead process is found within 5 s.
celery.conf.broker_transport_options = {
    "visibility_timeout": TIMEOUT_S,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}


@celery.task
def early(case: str) -> None:
    """Take half a second."""
    mark("begins", case=case)
    time.sleep(TASK_S)
    mark("done", case=case)


@celery.task(acks_late=True)
def late(case: str) -> None:
    """Be acknowledged after the work."""
    early(case)


@celery.task(acks_late=True, reject_on_worker_lost=True)
def rejected(case: str) -> None:
    """Also go back to the queue if the process dies."""
    early(case)


TASKS = {EARLY: early, LATE: late, REJECTED: rejected, WORKER: late, FROZEN: late}


@app.post("/jobs/{number}")
def submit(number: int) -> None:
    """Enqueue the task of a case."""
    case, task = list(TASKS.items())[number]
    task.delay(case)


def experiment(lab: Lab) -> Evidence:
    """Kill the processes of three tasks; then a worker that has one and is sent another."""
    broker, server = lab.redis(), lab.serve()
    worker = lab.celery("celery", "--concurrency", "3", "--without-mingle")
    for number in range(3):
        server.post(f"/jobs/{number}")
        worker.kill_one(lab.wait_for("begins", number + 1)[-1].pid)
    lab.comes("done", timeout_s=2 * TIMEOUT_S)
    count = len(lab.marks("begins"))
    server.post("/jobs/3")
    lab.wait_for("begins", count + 1)
    worker.freeze()
    server.post("/jobs/4")
    worker.kill()
    worker.start()
    lab.comes("done", 2, timeout_s=2 * TIMEOUT_S)
    lab.comes("done", 3, timeout_s=4 * TASK_S)
    client = redis.Redis.from_url(broker.url)
    held = client.llen("celery") + client.hlen("unacked")
    begun, done = ([one.values["case"] for one in lab.marks(name)] for name in ("begins", "done"))
    return {case: {STARTS: begun.count(case), DONE: done.count(case), HELD: held} for case in TASKS}


def judge(seen: Seen) -> Verdict:
    """Judge by the tasks with acks_late; those that the broker still holds are not lost."""
    lost = [case for case in TASKS if case != EARLY and seen.least(case, DONE) < 1]
    if not lost:
        return true("each task with acks_late was done")
    if seen.most(FROZEN, HELD):
        return depends("how long one waits", f"not done yet, but still held: {', '.join(lost)}")
    return false(f"neither done nor held by the broker: {'; '.join(lost)}")


CLAIM = Claim(
    says="With `acks_late`, a task is never lost.",
    question="Does acks_late guarantee that a Celery task is never lost?",
    topic="Deploys and crashes",
    source="common advice",
    instead="Set task_reject_on_worker_lost too. Keep a row in the database of what is to be done,"
    " and enqueue again what is not done in time.",
    experiment=experiment,
    judge=judge,
    about=CELERY,
    runs=1,
    timed=False,
)
