"""Celery runs `async def` tasks.

It does not await them (celery 5.7): calling an `async def` function makes a coroutine, and that is
taken for the result. RQ runs a coroutine that it is given (`Job._execute` in `rq/job.py`).
"""

import asyncio

import redis
from celery import Celery
from fastapi import FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import CELERY, Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark, redis_url

WORK_S = 0.1
RAN, SUCCEEDED, FAILED = "body ran, of 1", "logged as succeeded", "logged as failed"
AS_WRITTEN, WITH_RESULT = "Celery, async def", "Celery, async def, result kept"
WRAPPED, IN_RQ = "Celery, def with asyncio.run", "RQ, async def"
app = FastAPI()
celery = Celery("claim", broker=redis_url(), backend=redis_url())
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


async def work(case: str) -> None:
    """Wait for something else, and note that it was done."""
    await asyncio.sleep(WORK_S)
    mark("ran", case=case)


@celery.task(name="as written", ignore_result=True)
async def as_written(case: str) -> None:
    """Await the work, as in an endpoint."""
    await work(case)


@celery.task(name="with result")
async def with_result(case: str) -> None:
    """Do the same; its result goes to the result backend."""
    await work(case)


@celery.task(name="wrapped")
def wrapped(case: str) -> None:
    """Run the work in an event loop of the task's own."""
    asyncio.run(work(case))


TASKS = {AS_WRITTEN: as_written, WITH_RESULT: with_result, WRAPPED: wrapped}


@app.post("/celery/{number}")
def to_celery(number: int) -> None:
    """Enqueue one of the tasks."""
    case, task = list(TASKS.items())[number]
    task.delay(case)


@app.post("/rq")
def to_rq() -> None:
    """Enqueue the work itself."""
    queue.enqueue(work, IN_RQ)


def experiment(lab: Lab) -> Evidence:
    """Have one worker of Celery and one of RQ do each task, end them, and read their logs."""
    lab.redis()
    server = lab.serve()
    worker = lab.celery("celery", "--concurrency", "1", "--without-mingle")
    for number in range(len(TASKS)):
        server.post(f"/celery/{number}")
    lab.wait_for("ran")
    beside = lab.rq("--serializer", "rq.serializers.JSONSerializer")
    server.post("/rq")
    lab.comes("ran", 2)
    for process in (worker, beside):
        process.terminate()
        process.wait(10)
    found: Evidence = {}
    for case, task in TASKS.items():
        lines = [line for line in worker.log().splitlines() if f"Task {task.name}[" in line]
        found[case] = {
            RAN: ran(lab, case),
            SUCCEEDED: sum("succeeded" in line for line in lines),
            FAILED: sum("raised" in line for line in lines),
        }
    found[IN_RQ] = {
        RAN: ran(lab, IN_RQ),
        SUCCEEDED: beside.log().count("Successfully completed"),
        FAILED: beside.log().count("exception raised"),
    }
    return found


def ran(lab: Lab, case: str) -> int:
    """Return how often a case's body ran to its end."""
    return sum(one.values["case"] == case for one in lab.marks("ran"))


def judge(seen: Seen) -> Verdict:
    """Judge by whether the body of a task that is `async def` ran."""
    bodies = {case: seen.least(case, RAN) for case in (AS_WRITTEN, WITH_RESULT)}
    beside = f"; RQ ran {seen.least(IN_RQ, RAN):.0f} of 1"
    if all(bodies.values()):
        return true(f"the body of each async def task ran{beside}")
    if any(bodies.values()):
        return depends("whether the result is kept", f"one of two bodies ran{beside}")
    silent = seen.least(AS_WRITTEN, SUCCEEDED)
    said = "the worker logged that it succeeded" if silent else "the worker logged no success"
    kept = " and, with its result kept, that it failed" if seen.least(WITH_RESULT, FAILED) else ""
    return false(f"the body of an async def task never ran, and {said}{kept}{beside}")


CLAIM = Claim(
    says="Celery runs `async def` tasks.",
    question="Can a Celery task be async def?",
    topic="Queues",
    source="celery#3884, celery#6552",
    instead="Write the task as `def`, and call asyncio.run in it.",
    experiment=experiment,
    judge=judge,
    about=(*CELERY, "rq"),
    runs=1,
    timed=False,
)
