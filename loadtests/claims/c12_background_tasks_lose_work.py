"""BackgroundTasks is best effort: work can be lost.

The tasks are kept in the memory of the process that answered. uvicorn waits for them when it is
asked to stop, but a deploy kills it after a grace period, and a crash does not ask.
"""

import time
from dataclasses import dataclass

import redis
from fastapi import BackgroundTasks, FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import RQ, WEB, Claim, Evidence, Lab, Seen, Verdict, false, true
from loadtests.claims.inside import mark, redis_url

JOBS, GRACE_S = 3, 1.5
ANSWERED, BEGUN, DONE = "answered 202, of 3", "tasks begun, of 3", "tasks done, of 3"


@dataclass(frozen=True)
class Case:
    """How the API's process ends, and the seconds that each task takes."""

    path: str
    seconds: float
    is_asked: bool


CASES = {
    "stop, tasks shorter than the grace period": Case("tasks", 0.5, is_asked=True),
    "stop, tasks longer than the grace period": Case("tasks", 3, is_asked=True),
    "crash": Case("tasks", 0.5, is_asked=False),
    "crash, tasks in RQ instead": Case("queued", 0.5, is_asked=False),
}
IN_PROCESS = [name for name, case in CASES.items() if case.path == "tasks"]
app = FastAPI()


def task(batch: int, seconds: float) -> None:
    """Take a while, as a mail or a call to another service would."""
    mark(f"begins {batch}")
    time.sleep(seconds)
    mark(f"ends {batch}")


@app.get("/tasks/{batch}/{seconds}", status_code=202)
def submit(batch: int, seconds: float, background_tasks: BackgroundTasks) -> None:
    """Leave the task to this process."""
    background_tasks.add_task(task, batch, seconds)


@app.get("/queued/{batch}/{seconds}", status_code=202)
def enqueue(batch: int, seconds: float) -> None:
    """Leave the task to a worker."""
    with redis.Redis.from_url(redis_url()) as connection:
        Queue(connection=connection, serializer=JSONSerializer).enqueue(task, batch, seconds)


def experiment(lab: Lab) -> Evidence:
    """Have three requests answered, and end the API's process while their tasks run."""
    lab.redis()
    lab.rq("--serializer", "rq.serializers.JSONSerializer")
    return {name: tried(lab, case, number) for number, (name, case) in enumerate(CASES.items())}


def tried(lab: Lab, case: Case, batch: int) -> dict[str, float | None]:
    """Return what was promised, and what was done of it in the end."""
    server = lab.serve()
    answers = server.together(f"/{case.path}/{batch}/{case.seconds}", JOBS)
    if case.is_asked:
        server.terminate()
        server.wait(GRACE_S)
    server.kill()
    if case.path == "queued":
        lab.comes(f"ends {batch}", JOBS)
    return {
        ANSWERED: sum(answer.status == 202 for answer in answers),
        BEGUN: len(lab.marks(f"begins {batch}")),
        DONE: len(lab.marks(f"ends {batch}")),
    }


def judge(seen: Seen) -> Verdict:
    """Say that it holds if tasks of requests that were answered with 202 were not done."""
    lost = {name: seen.most(name, ANSWERED) - seen.least(name, DONE) for name in CASES}
    told = "; ".join(f"{name}: {count:.0f} of {JOBS} lost" for name, count in lost.items())
    if any(lost[name] > 0 for name in IN_PROCESS):
        return true(f"tasks whose requests had been answered with 202 were lost ({told})")
    return false(f"no task was lost whose request had been answered with 202 ({told})")


CLAIM = Claim(
    says="BackgroundTasks is best effort: work can be lost.",
    question="Can FastAPI's background tasks be lost?",
    topic="Deploys and crashes",
    source="a tutorial, “Day 5: Background Tasks”",
    instead=(
        "Put work that must be done in a queue before you answer. Leave BackgroundTasks what is"
        " shorter than the grace period of a deploy and may be lost in a crash."
    ),
    experiment=experiment,
    judge=judge,
    about=WEB + RQ,
    runs=1,
    timed=False,
)
