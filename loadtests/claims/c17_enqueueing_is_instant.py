"""Enqueueing a task is instant and does not block.

`delay` and `enqueue` block until the broker answers. In an `async def` endpoint they block the
event loop, so every other request of the process waits too.
"""

import threading
import time

import redis
from celery import Celery
from fastapi import FastAPI
from rq import Queue
from rq.serializers import JSONSerializer

from loadtests.claims import (
    CELERY,
    WEB,
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
from loadtests.claims.inside import redis_url

HUNG_S = 1
KINDS = {"Celery": "/celery", "RQ": "/rq", "Celery in a def endpoint": "/def"}
ASYNC = ("Celery", "RQ")
UP, HUNG, DOWN = "broker up", f"broker hung for {HUNG_S} s", "broker down"
TOOK, OTHERS, ACCEPTED = "answered after, ms", "slowest other request, ms", "accepted, of 1"
app = FastAPI()
celery = Celery("claim", broker=redis_url())
queue = Queue(connection=redis.Redis.from_url(redis_url()), serializer=JSONSerializer)


def work() -> None:
    """Do nothing: it is about the way to the queue."""


celery_work = celery.task(work)


@app.get("/ping")
async def ping() -> None:
    """Answer, as another endpoint."""


@app.post("/celery")
async def to_celery() -> None:
    """Enqueue in the event loop."""
    celery_work.delay()


@app.post("/rq")
async def to_rq() -> None:
    """Enqueue in the event loop."""
    queue.enqueue(work)


@app.post("/def")
def in_thread() -> None:
    """Enqueue in a thread, as FastAPI runs a `def` endpoint."""
    celery_work.delay()


def experiment(lab: Lab) -> Evidence:
    """Enqueue once while the broker is up, once while it hangs, and once when it is gone."""
    broker, server = lab.redis(), lab.serve()
    for path in KINDS.values():
        server.post(path)
    found: Evidence = {f"{kind}, {UP}": enqueued(server, KINDS[kind]) for kind in ASYNC}
    for kind, path in KINDS.items():
        broker.freeze()
        waking = threading.Timer(HUNG_S, broker.thaw)
        waking.start()
        found[f"{kind}, {HUNG}"] = enqueued(server, path)
        waking.join()
    broker.kill()
    return found | {f"{kind}, {DOWN}": enqueued(server, KINDS[kind]) for kind in ASYNC}


def enqueued(server: Server, path: str) -> dict[str, float | None]:
    """Send one request, and others beside it."""
    with server.probing() as others_ms:
        time.sleep(0.1)
        answer = server.post(path)
        time.sleep(0.1)
    return {TOOK: answer.took_ms, OTHERS: max(others_ms), ACCEPTED: int(answer.status == 200)}


def judge(seen: Seen) -> Verdict:
    """Judge by what other requests waited for: half of the broker's pause is too long."""
    waited_ms = {case: seen.median(case, OTHERS) for case in seen.conditions}
    held = [case for case, ms in waited_ms.items() if ms >= HUNG_S * 500]
    told = ", ".join(f"{kind} {waited_ms[f'{kind}, {HUNG}']:.0f} ms" for kind in KINDS)
    usual = ", ".join(f"{kind} {seen.median(f'{kind}, {UP}', TOOK):.0f} ms" for kind in ASYNC)
    if not held:
        return true(f"no other request waited for a broker that hung for {HUNG_S} s: {told}")
    if all(f"{kind}, {UP}" in held for kind in ASYNC):
        return false(f"other requests waited even while the broker was up: {usual}")
    return depends(
        "whether the broker answers, and whether the endpoint is async def",
        f"with the broker up, a request took: {usual}; while the broker hung for {HUNG_S} s, others"
        f" waited up to: {told}",
    )


CLAIM = Claim(
    says="Enqueueing a task is instant and does not block.",
    question="Does enqueueing to Celery or RQ block an async def endpoint?",
    topic="Queues",
    source="common advice",
    instead="Enqueue in a `def` endpoint, or with run_in_threadpool. Give the broker's client"
    " socket_timeout and socket_connect_timeout: Celery waits without a limit by default.",
    experiment=experiment,
    judge=judge,
    about=(*WEB, *CELERY, "rq"),
    runs=2,
)
