"""RQ and Celery retry a task when a worker dies.

RQ declares a worker dead 90 s after its last heartbeat, and looks every 10 minutes. The experiment
does not wait for that: it makes the same look, with a time after the end of the heartbeat.
"""

import time

import redis
from celery import Celery
from fastapi import FastAPI
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from loadtests.claims import CELERY, Claim, Evidence, Lab, Seen, Verdict, depends, false, true
from loadtests.claims.inside import mark, redis_url

TASK_S, TIMEOUT_S = 0.5, 8
PLAIN, CAREFUL = "Celery", "Celery, acks_late and reject_on_worker_lost"
RQ_PLAIN, RQ_CAREFUL = "RQ", "RQ, Retry(max=3)"
CASES = (PLAIN, CAREFUL, RQ_PLAIN, RQ_CAREFUL)
PROCESS, WORKER = "done if its process dies, of 1", "done if its worker dies, of 1"
DUE = "heartbeat ends after, s"
SERIALIZER = ("--serializer", "rq.serializers.JSONSerializer")
app = FastAPI()
celery = Celery("claim", broker=redis_url())
# By default an hour, and a look every 100 s. A dead process is found within 5 s.
celery.conf.broker_transport_options = {
    "visibility_timeout": TIMEOUT_S,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


def work(case: str, dies: str) -> None:
    """Take half a second."""
    mark(f"begins: {case}, {dies}")
    time.sleep(TASK_S)
    mark(f"done: {case}, {dies}")


plain = celery.task(name="plain")(work)
careful = celery.task(name="careful", acks_late=True, reject_on_worker_lost=True)(work)


@app.post("/jobs/{number}/{dies}")
def submit(number: int, dies: str) -> None:
    """Enqueue the task of a case."""
    case = CASES[number]
    if case.startswith("Celery"):
        (careful if case == CAREFUL else plain).delay(case, dies)
    else:
        queue.enqueue(work, case, dies, retry=Retry(max=3) if case == RQ_CAREFUL else None)


@app.post("/look")
def look_later() -> float:
    """Look for RQ's abandoned jobs as if their heartbeats had ended; return when they will."""
    registry = queue.started_job_registry
    scores = registry.connection.zrange(registry.key, 0, -1, withscores=True)
    ends_s = max(float(score) for _, score in scores)
    registry.cleanup(timestamp=ends_s + 1)
    return ends_s - time.time()


def experiment(lab: Lab) -> Evidence:
    """Kill each task's process; then enqueue all again, and kill the workers."""
    lab.redis()
    server, worker = lab.serve(), lab.celery("celery", "--concurrency", "2", "--without-mingle")
    rq = lab.rq(*SERIALIZER)
    for number, case in enumerate(CASES):
        server.post(f"/jobs/{number}/process")
        begun = lab.wait_for(f"begins: {case}, process")
        (rq if case.startswith("RQ") else worker).kill_one(begun[0].pid)
    for number, case in enumerate(CASES[:2]):
        server.post(f"/jobs/{number}/worker")
        lab.wait_for(f"begins: {case}, worker")
    worker.kill()
    worker.start()
    for number, case in enumerate(CASES[2:], 2):
        server.post(f"/jobs/{number}/worker")
        lab.wait_for(f"begins: {case}, worker")
        rq.kill()
        rq.start()
    due_s = float(server.post("/look").body)
    for case in (CAREFUL, RQ_CAREFUL):
        for dies in ("process", "worker"):
            lab.comes(f"done: {case}, {dies}", timeout_s=2 * TIMEOUT_S)
    return {
        case: {
            PROCESS: int(lab.comes(f"done: {case}, process", timeout_s=TASK_S)),
            WORKER: int(lab.comes(f"done: {case}, worker", timeout_s=TASK_S)),
            DUE: due_s if case.startswith("RQ") else None,
        }
        for case in CASES
    }


def judge(seen: Seen) -> Verdict:
    """Judge by whether a task as the tutorials write it was done after each death."""
    done = {(case, how): seen.least(case, how) for case in CASES for how in (PROCESS, WORKER)}
    usual = [done[case, how] for case in (PLAIN, RQ_PLAIN) for how in (PROCESS, WORKER)]
    told = "; ".join(
        f"{case}: {done[case, PROCESS]:.0f} and {done[case, WORKER]:.0f}" for case in CASES
    )
    said = f"done of 1 after the death of its process and of its worker: {told}"
    if all(usual):
        return true(said)
    if any(done.values()):
        return depends("settings that are not the default", said)
    return false(said)


CLAIM = Claim(
    says="RQ and Celery retry a task when its worker dies.",
    question="Do Celery and RQ retry a task if the worker dies?",
    topic="Deploys and crashes",
    source="tutorials, such as “FastAPI Core: Background Tasks”",
    instead="In Celery, set task_acks_late and task_reject_on_worker_lost; in RQ, enqueue with a"
    " Retry. Write the task so that it may run twice.",
    experiment=experiment,
    judge=judge,
    about=(*CELERY, "rq"),
    runs=1,
    timed=False,
)
