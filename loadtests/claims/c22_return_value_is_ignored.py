"""The return value of a background task is ignored.

Starlette asks of the function alone whether it has to await: `is_async_callable(func)`. What a
plain function returns is dropped, even if it is a coroutine or a generator that has not begun.
"""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import redis
from fastapi import BackgroundTasks, FastAPI
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from loadtests.claims import RQ, WEB, Claim, Evidence, Lab, Seen, Verdict, false, true
from loadtests.claims.inside import mark, redis_url

VALUE, SETTLE_S = "report 4711", 1
IN_DEF, IN_ASYNC = "def task", "async def task"
COROUTINE, GENERATOR = "def task that returns a coroutine", "def task with a yield"
QUEUE = "job of RQ, asked for by its id"
RAN, FOUND = "its work done, of 1", "its value found, of 1"
app = FastAPI()
connection = redis.Redis.from_url(redis_url())


def blocking() -> str:
    """Make a report, and return its name."""
    mark("done")
    return VALUE


async def awaiting() -> str:
    """Do the same, awaited."""
    return blocking()


def not_awaited() -> Coroutine[Any, Any, str]:
    """Call an async function, as `lambda: awaiting()` does."""
    return awaiting()


def in_parts() -> Iterator[str]:
    """Do the same in parts."""
    yield blocking()


TASKS: dict[str, Callable[[], Any]] = {
    IN_DEF: blocking, IN_ASYNC: awaiting, COROUTINE: not_awaited, GENERATOR: in_parts,
}  # fmt: skip


@app.get("/background/{number}")
async def in_background(number: int, background_tasks: BackgroundTasks) -> dict[str, str]:
    """Leave a task for later."""
    background_tasks.add_task(list(TASKS.values())[number])
    return {"status": "accepted"}


@app.get("/jobs")
def submit() -> str:
    """Leave a task to a worker of RQ; answer with its id."""
    return Queue(connection=connection, serializer=JSONSerializer).enqueue(blocking).id


@app.get("/jobs/{job_id}")
def result(job_id: str) -> Any:
    """Wait for a job's end, for 10 s at most, and answer with what it returned."""
    job = Job.fetch(job_id, connection=connection, serializer=JSONSerializer)
    kept = job.latest_result(timeout=10)
    return kept and kept.return_value


def experiment(lab: Lab) -> Evidence:
    """Look for each task's value in the answer and in the log; ask RQ for that of its job."""
    lab.redis()
    lab.rq("--serializer", "rq.serializers.JSONSerializer")
    server = lab.serve()
    found: Evidence = {}
    for number, case in enumerate(TASKS):
        done = len(lab.marks("done"))
        answer = server.get(f"/background/{number}")
        lab.comes("done", done + 1, SETTLE_S)
        found[case] = {
            RAN: len(lab.marks("done")) - done,
            FOUND: float(VALUE.encode() in answer.body or VALUE in server.log()),
        }
    done = len(lab.marks("done"))
    job = server.get("/jobs").body.decode().strip('"')
    value = server.get(f"/jobs/{job}").body
    found[QUEUE] = {RAN: len(lab.marks("done")) - done, FOUND: float(VALUE.encode() in value)}
    return found


def judge(seen: Seen) -> Verdict:
    """Judge by whether a value of a background task came to light anywhere."""
    told = [case for case in TASKS if seen.most(case, FOUND)]
    idle = [case for case in TASKS if not seen.least(case, RAN)]
    if told:
        return false(f"the value was found for: {', '.join(told)}")
    also = f"; nor was the work itself done for: {', '.join(idle)}" if idle else ""
    queue = ", while RQ kept it" if seen.least(QUEUE, FOUND) else ""
    return true(f"no task's value was in the answer or in the log{queue}{also}")


CLAIM = Claim(
    says="The return value of a background task is ignored.",
    question="How do I get the return value of a FastAPI background task?",
    topic="BackgroundTasks",
    source="a README, “Background Tasks”",
    instead="Let the task store its result under an id that the answer gives, or use a queue that"
    " keeps results; and hand `add_task` the async function itself, not a lambda that calls it.",
    experiment=experiment,
    judge=judge,
    about=(*WEB, *RQ),
    runs=1,
    timed=False,
)
