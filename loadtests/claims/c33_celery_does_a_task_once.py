"""Celery on Redis does a task once if nothing fails.

What is not acknowledged within the visibility timeout is handed out again: a task with `acks_late`
that takes longer, and one with a countdown, which the worker holds until it is due. The timeout is
an hour by default; here it is 2 s, and the broker is looked through every second, not every 100 s.
"""

import time
from datetime import timedelta

import redis
from celery import Celery
from fastapi import FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import CELERY, Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark, redis_url

TIMEOUT_S, LONG_S, PATIENCE_S = 2, 4, 20
SHORT = "Celery, short"
EARLY, LATE = "Celery, longer than the timeout", "Celery, longer, acks_late"
COUNTDOWN = "Celery, countdown longer than the timeout"
RQ_LONG, RQ_LATER = "RQ, long", "RQ, enqueue_in"
CASES = (SHORT, EARLY, LATE, COUNTDOWN, RQ_LONG, RQ_LATER)
STARTS = "starts"
app = FastAPI()
celery = Celery("claim", broker=redis_url())
celery.conf.broker_transport_options = {
    "visibility_timeout": TIMEOUT_S,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


def work(case: str, seconds: float = 0) -> None:
    """Take some seconds, and fail at nothing."""
    mark("begins", case=case)
    time.sleep(seconds)


early = celery.task(name="early33")(work)
late = celery.task(name="late33", acks_late=True)(work)


@app.post("/jobs")
def submit() -> None:
    """Enqueue one task of each kind."""
    early.delay(SHORT)
    early.delay(EARLY, LONG_S)
    late.delay(LATE, LONG_S)
    early.apply_async((COUNTDOWN,), countdown=LONG_S)
    queue.enqueue_in(timedelta(seconds=LONG_S), work, RQ_LATER)
    queue.enqueue(work, RQ_LONG, LONG_S)


def experiment(lab: Lab) -> Evidence:
    """Enqueue; count the starts when each task has begun and the timeout has passed twice more."""
    lab.redis()
    server = lab.serve()
    lab.celery("celery", "--concurrency", "6", "--without-mingle")
    lab.rq("--serializer", "rq.serializers.JSONSerializer", "--with-scheduler")
    server.post("/jobs")
    ends_s = time.monotonic() + PATIENCE_S
    while {one.values["case"] for one in lab.marks()} < set(CASES) and time.monotonic() < ends_s:
        time.sleep(0.1)
    time.sleep(2 * TIMEOUT_S)
    begun = [one.values["case"] for one in lab.marks("begins")]
    return {case: {STARTS: begun.count(case)} for case in CASES}


def judge(seen: Seen) -> Verdict:
    """Judge by how often each task of Celery began; none failed, and no worker died."""
    ours = [case for case in CASES if case.startswith("Celery")]
    twice = {case: seen.most(case, STARTS) for case in ours if seen.most(case, STARTS) > 1}
    beside = max(seen.most(case, STARTS) for case in (RQ_LONG, RQ_LATER))
    told = "; ".join(f"{case}: {count:.0f} starts" for case, count in twice.items())
    if not twice:
        return true("each task began once")
    if SHORT in twice:
        return false(f"even a short task began more than once: {told}")
    return depends(
        "whether a task is acknowledged within the visibility timeout, an hour by default",
        f"{told}; RQ began each job {beside:.0f} time{'s' * (beside > 1)}",
    )


CLAIM = Claim(
    says="Celery on Redis does a task once if nothing fails.",
    question="Why does Celery run my task twice, though nothing failed?",
    topic="Queues",
    source="celery#5935, celery#2599",
    instead="Make the visibility timeout longer than the longest task and the longest countdown."
    " Keep what is due later in a table, and enqueue it when it is due.",
    experiment=experiment,
    judge=judge,
    about=(*CELERY, "rq"),
    runs=1,
    timed=False,
)
