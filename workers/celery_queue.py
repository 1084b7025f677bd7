"""Celery on Redis: the worker is a pool of processes, each of which does one step at a time."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import redis
from celery import Celery

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from workers.celery_settings import (
    DEFAULT_REDELIVERY_S,
    GROUP,
    HARDENED_CONF,
    HARDENED_SETTINGS,
    REDELIVERY_S,
    RETRIES,
    node,
    own_names,
)
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform, perform_all, perform_once
from workers.settings import settings

PING_S, LOOK_S = 5.0, 3.0
# The worker logs this when it receives a task that is not ours.
FOREIGN_MESSAGE = "unregistered task"
# The parent logs this, and WorkerLostError for the job, when the process of a job has died.
FAILURE_LOGGED = r"Process '[^']*' pid:(\d+) exited with"
# Where Celery's Redis transport notes which queues are bound to an exchange, and until when.
BINDING, DEADLINES = "_kombu.binding", "_kombu.binding_deadlines"
Task = Any  # Celery's decorator is not typed

app = Celery("after202")
retried: dict[str, Any] = {
    "autoretry_for": (Exception,),
    "retry_kwargs": {"max_retries": RETRIES, "countdown": 0},
}


@app.task
def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


@app.task
def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    perform_all(Job.model_validate(message))


@app.task(**retried)
def perform_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message, and retry it if it raises."""
    perform(Job.model_validate(message), step)


@app.task(**retried)
def perform_once_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done, and retry if it raises."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set Celery up: the task that does a step, or a job, and its configuration."""

    task: Task
    redelivery_s: float
    conf: Mapping[str, tuple[Any, str]]
    settings: tuple[Setting, ...] = ()
    stop_grace_s: float | None = None


DOCUMENTED = Setup(perform_step, DEFAULT_REDELIVERY_S, {})
ONE_TASK = Setup(perform_job, DEFAULT_REDELIVERY_S, {}, (ONE_MESSAGE,))
GROUPED = Setup(perform_step, DEFAULT_REDELIVERY_S, {}, (GROUP,))
HARDENED = Setup(perform_or_retry, REDELIVERY_S, HARDENED_CONF, HARDENED_SETTINGS, STOP_GRACE_S)
DEDUPLICATED = Setup(
    perform_once_or_retry,
    REDELIVERY_S,
    HARDENED_CONF,
    (*HARDENED_SETTINGS, CLAIMED),
    STOP_GRACE_S,
)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_TASK,
    "batched": GROUPED,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


def connect(wiring: Wiring) -> None:
    """Point this process's app at the broker and the queue, configured for its variant."""
    conf = {name: value for name, (value, _) in SETUPS[wiring.variant].conf.items()}
    transport = {**conf.pop("broker_transport_options", {}), **own_names(wiring.queue)}
    app.conf.update(
        broker_url=wiring.broker_url,
        task_default_queue=wiring.queue,
        event_queue_prefix=wiring.queue,
        broker_transport_options=transport,
        **conf,
    )


def run() -> None:
    """Work until told to stop."""
    own = settings()
    connect(own)
    options = [f"--concurrency={own.slots}", "--without-mingle", f"--hostname={node(own)}"]
    app.worker_main(["worker", *options])


def is_heard_of() -> bool:
    """Return whether this host's worker answers a ping."""
    connect(settings())
    return bool(app.control.ping([node(settings())], timeout=PING_S))


def _look(wiring: Wiring) -> redis.Redis:
    """Return a client for a look from outside."""
    return redis.Redis.from_url(
        wiring.broker_url,
        socket_timeout=LOOK_S,
        socket_connect_timeout=LOOK_S,
        client_name=HARNESS,
    )


def forget(wiring: Wiring) -> None:
    """Delete the worker's entries in the tables that all Celery applications of a database share.

    All other keys of a trial have the name of its queue in theirs.
    """
    own = wiring.queue.encode()
    with _look(wiring) as connection:
        for table in connection.scan_iter(f"{BINDING}*", _type="SET"):
            members = cast("set[bytes]", connection.smembers(table))
            connection.srem(table, b"", *(member for member in members if own in member))
        for exchange in cast("list[bytes]", connection.zrange(DEADLINES, 0, -1)):
            if not connection.exists(f"{BINDING}.{exchange.decode()}"):
                connection.zrem(DEADLINES, exchange)


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in the queue's list and in messages that a worker took but has not acked.

    None if the broker does not answer.
    """
    unacked = own_names(wiring.queue)["unacked_key"]
    try:
        with _look(wiring) as connection:
            waiting = cast("list[bytes]", connection.lrange(wiring.queue, 0, -1))
            taken = cast("dict[bytes, bytes]", connection.hgetall(unacked))
    except redis.RedisError:
        return None
    found = {job_id: "queue" for message in waiting for job_id in _job_ids(json.loads(message))}
    for value in taken.values():
        found |= dict.fromkeys(_job_ids(json.loads(value)[0]), "unacked")
    return Look(held=found)


def _job_ids(message: dict[str, str]) -> Iterator[str]:
    """Yield the id of a message's job, which is the first argument of its task, if it has any."""
    (arguments, _, _) = json.loads(base64.b64decode(message["body"]))
    if arguments:
        yield arguments[0]["id"]
