"""BackgroundTasks has no automatic retries, unlike Celery and RQ."""

import time
from collections.abc import Callable
from typing import Any

import redis
from celery import Celery
from fastapi import BackgroundTasks, FastAPI
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from after202.kernel.errors import TrialError
from loadtests.claims import (
    CELERY,
    RQ,
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

RETRIES, QUEUE_TASKS, PATIENCE_S = 2, 4, 20
IN_PROCESS, CELERY_PLAIN, RQ_PLAIN = "BackgroundTasks", "Celery @task", "RQ enqueue(task)"
CELERY_ASKED, RQ_ASKED = "Celery with autoretry_for", "RQ with Retry(max=2)"
CASES = {
    IN_PROCESS: "in_process",
    CELERY_PLAIN: "celery_plain",
    CELERY_ASKED: "celery_asked",
    RQ_PLAIN: "rq_plain",
    RQ_ASKED: "rq_asked",
}
STARTS, WAITING = "starts of a task that fails", "messages left to run it again"
app = FastAPI()
celery = Celery("claim", broker=redis_url())


def failing(case: str) -> None:
    """Fail each time."""
    mark("starts", case=case)
    raise RuntimeError("the mail server refused it")


@celery.task
def celery_task(case: str) -> None:
    """Fail, as a task of Celery that is written as tutorials do."""
    failing(case)


@celery.task(autoretry_for=(RuntimeError,), max_retries=RETRIES, default_retry_delay=0)
def celery_task_with_retries(case: str) -> None:
    """Fail, as a task that asks to be tried again."""
    failing(case)


def enqueue(case: str, **options: Any) -> None:
    """Enqueue the task in RQ."""
    queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)
    queue.enqueue(failing, case, **options)


SUBMIT: dict[str, Callable[[str], Any]] = {
    "celery_plain": celery_task.delay,
    "celery_asked": celery_task_with_retries.delay,
    "rq_plain": enqueue,
    "rq_asked": lambda case: enqueue(case, retry=Retry(max=RETRIES)),
}


@app.get("/{case}")
def submit(case: str, background_tasks: BackgroundTasks) -> None:
    """Leave a task that fails to BackgroundTasks or to a queue."""
    if case == "in_process":
        background_tasks.add_task(failing, case)
    else:
        SUBMIT[case](case)


def experiment(lab: Lab) -> Evidence:
    """Let a task fail in each, wait until the queues have given it up, and count its starts."""
    connection = redis.Redis.from_url(lab.redis().url)
    worker = lab.celery("celery", "--concurrency", "2")
    lab.rq("--serializer", "rq.serializers.JSONSerializer")
    server = lab.serve()
    for case in CASES.values():
        server.get(f"/{case}")
    end_s = time.monotonic() + PATIENCE_S
    while given_up(worker, connection) < QUEUE_TASKS:
        if time.monotonic() > end_s:
            raise TrialError(f"the queues had not given the tasks up after {PATIENCE_S} s")
        time.sleep(0.1)
    starts = [one.values["case"] for one in lab.marks("starts")]
    return {
        name: {STARTS: starts.count(case), **waiting(connection, case)}
        for name, case in CASES.items()
    }


def given_up(worker: Process, connection: redis.Redis) -> int:
    """Return how many tasks Celery has called failed in its log, and RQ in its registry."""
    return worker.log().count("raised unexpected") + connection.zcard("rq:failed:default")


def waiting(connection: redis.Redis, case: str) -> dict[str, float | None]:
    """Return how many messages its queue keeps."""
    library = case.partition("_")[0]
    if library == "celery":
        return {WAITING: connection.llen("celery") + connection.hlen("unacked")}
    if library == "rq":
        scheduled = connection.zcard("rq:scheduled:default")
        return {WAITING: connection.llen("rq:queue:default") + scheduled}
    return {}


def judge(seen: Seen) -> Verdict:
    """Compare how often the same failing task was started."""
    starts = {case: seen.median(case, STARTS) for case in CASES}
    told = f"{STARTS}: {', '.join(f'{case} {count:.0f}' for case, count in starts.items())}"
    plain = max(starts[CELERY_PLAIN], starts[RQ_PLAIN])
    if starts[IN_PROCESS] > 1 or min(starts[CELERY_ASKED], starts[RQ_ASKED]) == 1:
        return false(told)
    if plain > 1:
        return true(told)
    return depends("whether the task asks for retries: neither queue retries by default", told)


CLAIM = Claim(
    says="BackgroundTasks has no automatic retries, unlike Celery and RQ.",
    question="Are failed tasks retried automatically in BackgroundTasks, Celery and RQ?",
    topic="Errors",
    source="tutorials: “FastAPI Core: Background Tasks”, “Background Tasks” (a README)",
    instead=(
        "Ask for retries: autoretry_for with max_retries and a backoff in Celery, Retry(max=…) in"
        " RQ; and make the task safe to run twice."
    ),
    experiment=experiment,
    judge=judge,
    about=WEB + CELERY + RQ,
    runs=1,
    timed=False,
)
