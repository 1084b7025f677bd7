"""A broker that is gone is noticed soon.

A machine that is up refuses a connection within a round trip. If nothing comes back, a client waits
as long as it was told to, and kombu 5.7 gives redis-py no timeout, which alone would take 5 s.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from celery import Celery
from fastapi import FastAPI

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
)  # fmt: skip
from loadtests.claims.inside import mark, redis_url
from loadtests.claims.network import drop, in_own_network

TIMEOUT_S, ORDER_S, PATIENCE_S = 0.5, 0.05, 4.0
REFUSED, HUNG, DROPPED = "refused", "hung", "dropped"
FAULTS = {
    REFUSED: "connections refused",
    HUNG: "connections accepted, no answers",
    DROPPED: "packets dropped",
}
FROM_DEF, FROM_ASYNC = ".delay() in def ended after, s", ".delay() in async def ended after, s"
OTHER = "another request answered after, s"
TIMEOUTS = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S}
RETRIES = {"max_retries": 1, "interval_start": 0}
celery = Celery("claim", broker=redis_url())
hardened = Celery("hardened", broker=redis_url(), set_as_current=False)
hardened.conf.update(broker_transport_options=TIMEOUTS | RETRIES, task_publish_retry=False)


def send_mail() -> None:
    """Send a mail; no worker does so here."""


def app_with(queue: Celery, name: str) -> FastAPI:
    """Return an app that enqueues with a Celery app."""
    app = FastAPI()
    task = queue.task(send_mail)

    def enqueue(kind: str, fault: str) -> None:
        try:
            task.delay()
        finally:
            mark(f"{name} {kind} {fault}")

    @app.get("/def/{fault}")
    def in_thread(fault: str) -> None:
        enqueue("def", fault)

    @app.get("/async/{fault}")
    async def on_loop(fault: str) -> None:
        enqueue("async", fault)

    @app.get("/ping/{fault}")
    async def ping(fault: str) -> None:
        mark(f"{name} ping {fault}")

    return app


app, hardened_app = app_with(celery, "app"), app_with(hardened, "hardened_app")


@in_own_network
def experiment(lab: Lab) -> Evidence:
    """Enqueue with a broker that is gone in three ways, by default and with timeouts."""
    broker = lab.redis()
    servers = {name: lab.serve(name) for name in ("app", "hardened_app")}
    for server in servers.values():
        server.get("/def/none")
        server.get("/async/none")
    found = tried(lab, servers, REFUSED, broker.kill)
    broker.start()
    found |= tried(lab, servers, HUNG, broker.freeze)
    broker.thaw()
    time.sleep(1)
    return found | tried(lab, servers, DROPPED, lambda: drop(urlsplit(broker.url).port or 0))


def tried(lab: Lab, servers: dict[str, Server], fault: str, begin: Callable[[], None]) -> Evidence:
    """Return how long each call took with the fault."""
    begin()
    sent_s = {}
    for name, server in servers.items():
        for kind in ("def", "async", "ping"):
            sent_s[f"{name} {kind} {fault}"] = time.monotonic()
            server.connect().send(f"/{kind}/{fault}")
            time.sleep(ORDER_S)
    time.sleep(PATIENCE_S)
    after_s = {m.name: m.at_s - sent_s[m.name] for m in lab.marks() if m.name in sent_s}
    return {
        f"{FAULTS[fault]}{ending}": {
            FROM_DEF: after_s.get(f"{name} def {fault}"),
            FROM_ASYNC: after_s.get(f"{name} async {fault}"),
            OTHER: after_s.get(f"{name} ping {fault}"),
        }
        for name, ending in (("app", ""), ("hardened_app", ", with timeouts"))
    }


def judge(seen: Seen) -> Verdict:
    """Say that it is noticed soon if a call with Celery's defaults ends while we wait."""
    missed = {fault: seen.missing(FAULTS[fault], FROM_DEF) for fault in FAULTS}
    noticed = [FAULTS[fault] for fault, count in missed.items() if not count]
    unnoticed = [FAULTS[fault] for fault, count in missed.items() if count]
    told = "; ".join(
        [f"{case}: noticed after {seen.most(case, FROM_DEF):.2f} s" for case in noticed]
        + [f"{case}: not noticed within {PATIENCE_S:.0f} s" for case in unnoticed]
    )
    if not unnoticed:
        return true(told)
    if not noticed:
        return false(told)
    return depends("how it is gone", told)


CLAIM = Claim(
    says="A broker that is gone is noticed soon.",
    question="Why does .delay() hang when Redis is down?",
    topic="Brokers",
    source="celery#4296 and #4556",
    instead=(
        "Set socket_timeout, socket_connect_timeout and max_retries in broker_transport_options,"
        " without which kombu retries for long, and call .delay() from def, not from async def."
    ),
    experiment=experiment,
    judge=judge,
    about=WEB + CELERY,
    runs=1,
)
