"""A job that kills its worker is given up after some tries.

With `task_reject_on_worker_lost`, Celery (5.7) gives the message back whenever the process of its
task has died, and counts nothing; `max_retries` is for tasks that raise.
"""

import os
import signal
import time
from collections import Counter

import redis
from celery import Celery
from celery.app.task import Task
from celery.exceptions import Reject
from fastapi import FastAPI
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from loadtests.claims import CELERY, Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark, redis_url

RETRIES, PATIENCE_S = 3, 60
PLAIN, REJECTED = "Celery", "Celery, acks_late and reject_on_worker_lost"
GUARDED = "the same, refused when redelivered"
RQ_PLAIN, RQ_RETRIED = "RQ", f"RQ, Retry(max={RETRIES})"
CASES = (PLAIN, REJECTED, GUARDED, RQ_PLAIN, RQ_RETRIED)
STARTS, HELD = "starts", "still tried, of 1"
app = FastAPI()
celery = Celery("claim", broker=redis_url())
late = {"acks_late": True, "reject_on_worker_lost": True, "max_retries": RETRIES}
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


def poison(case: str) -> None:
    """End this process as the kernel does when memory runs out."""
    mark("begins", case=case)
    os.kill(os.getpid(), signal.SIGKILL)


@celery.task(bind=True, **late)
def guarded(task: Task, case: str) -> None:
    """Refuse to begin again."""
    if task.request.delivery_info["redelivered"]:
        mark("refused", case=case)
        raise Reject(requeue=False)
    poison(case)


TASKS = {
    PLAIN: celery.task(name="plain")(poison),
    REJECTED: celery.task(name="rejected", **late)(poison),
    GUARDED: guarded,
}


@app.post("/jobs/{number}")
def submit(number: int) -> None:
    """Enqueue the job of a case."""
    case = CASES[number]
    if case in TASKS:
        TASKS[case].delay(case)
    else:
        queue.enqueue(poison, case, retry=Retry(max=RETRIES) if case == RQ_RETRIED else None)


def experiment(lab: Lab) -> Evidence:
    """Enqueue one job of each kind; wait until one has begun more often than the retries allow."""
    broker, server = lab.redis(), lab.serve()
    lab.celery("celery", "--concurrency", "3", "--without-mingle")
    rq = lab.rq("--serializer", "rq.serializers.JSONSerializer")
    for number in range(len(CASES)):
        server.post(f"/jobs/{number}")
    begun: Counter[str] = Counter()
    ends_s = time.monotonic() + PATIENCE_S
    while begun[REJECTED] <= RETRIES + 1 or begun[RQ_RETRIED] <= RETRIES:
        if time.monotonic() > ends_s:
            break
        time.sleep(0.1)
        begun = Counter(one.values["case"] for one in lab.marks("begins"))
    rq.terminate()
    rq.wait(10)
    held = left(broker.url)
    return {
        case: {STARTS: begun[case], HELD: sum(f"('{case}',)" in one for one in held)}
        for case in CASES
    }


def left(url: str) -> list[str]:
    """Return the messages that Celery still has, and descriptions of the jobs that RQ has."""
    client = redis.Redis.from_url(url, decode_responses=True)
    messages = client.lrange("celery", 0, -1) + client.hvals("unacked")
    jobs = Queue(connection=redis.Redis.from_url(url), serializer=JSONSerializer)
    numbers = jobs.job_ids + jobs.started_job_registry.get_job_ids()
    return [
        *map(str, messages),
        *(str(job.description) for number in numbers if (job := jobs.fetch_job(number))),
    ]


def judge(seen: Seen) -> Verdict:
    """Judge the settings with which a job is tried again at all."""
    said = "; ".join(
        f"{case}: begun {seen.most(case, STARTS):.0f} times"
        f"{', and still tried' if seen.most(case, HELD) else ''}"
        for case in (REJECTED, RQ_RETRIED)
    )
    endless = [case for case in (REJECTED, RQ_RETRIED) if seen.most(case, HELD)]
    if not endless:
        return true(said)
    if len(endless) > 1:
        return false(said)
    return depends("the queue", said)


CLAIM = Claim(
    says="A job that kills its worker is given up after some tries.",
    question="Does a queue give up a task that keeps killing its worker?",
    topic="Queues",
    source="celery#9082",
    instead="With task_reject_on_worker_lost, refuse a task that was redelivered, or count its"
    " starts in the database. In RQ, a Retry is limited by itself.",
    experiment=experiment,
    judge=judge,
    about=(*CELERY, "rq"),
    runs=1,
    timed=False,
)
