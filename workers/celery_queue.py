"""Celery on Redis: the worker is a pool of processes, each of which does one step at a time."""

import base64
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import redis
from celery import Celery

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from workers.perform import CLAIMED, perform, perform_once
from workers.settings import settings

VISIBILITY_TIMEOUT_S, DEFAULT_VISIBILITY_TIMEOUT_S = 8, 3600
SWEEP_S, DEFAULT_SWEEP_S = 1, 100
RETRIES, SOCKET_TIMEOUT_S = 3, 5
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


@app.task(**retried)
def perform_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message, and retry it if it raises."""
    perform(Job.model_validate(message), step)


@app.task(**retried)
def perform_once_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done, and retry if it raises."""
    perform_once(Job.model_validate(message), step)


# What a careful user sets, and why.
HARDENED_CONF: dict[str, tuple[Any, str]] = {
    "task_acks_late": (True, "a message is acknowledged after its work is done, not before"),
    "task_reject_on_worker_lost": (
        True,
        "redelivers a message if its process is killed; late acknowledgement alone loses it",
    ),
    "worker_prefetch_multiplier": (
        1,
        "a worker reserves few messages in advance, so few are held up if it dies",
    ),
    "broker_transport_options": (
        {
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "unacked_restore_interval": SWEEP_S,
            "unacked_restore_throttle": 1,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": 2,
        },
        "redelivers in seconds, not after 1 h; a broker that hangs is an error, not a wait",
    ),
}
HARDENED_SETTINGS = (
    *(
        Setting(
            name=name,
            value=str(value),
            why=why,
            source="docs.celeryq.dev, Configuration and defaults; Using Redis",
        )
        for name, (value, why) in HARDENED_CONF.items()
    ),
    Setting(
        name="autoretry_for, max_retries",
        value=f"Exception, {RETRIES}",
        why="a job that raises is retried, without delay because episodes are short",
        source="docs.celeryq.dev, Tasks, Automatic retry for known exceptions",
    ),
)


@dataclass(frozen=True)
class Setup:
    """One way to set Celery up: the task that does a step, and its configuration."""

    task: Task
    redelivery_s: float
    conf: Mapping[str, tuple[Any, str]]
    settings: tuple[Setting, ...] = ()


REDELIVERY_S = VISIBILITY_TIMEOUT_S + SWEEP_S
DOCUMENTED = Setup(perform_step, DEFAULT_VISIBILITY_TIMEOUT_S + DEFAULT_SWEEP_S, {})
HARDENED = Setup(perform_or_retry, REDELIVERY_S, HARDENED_CONF, HARDENED_SETTINGS)
DEDUPLICATED = Setup(
    perform_once_or_retry, REDELIVERY_S, HARDENED_CONF, (*HARDENED_SETTINGS, CLAIMED)
)
SETUPS = {"documented": DOCUMENTED, "hardened": HARDENED, "deduplicated": DEDUPLICATED}


def connect(wiring: Wiring) -> None:
    """Point this process's app at the broker and the queue, configured for its variant."""
    conf = {name: value for name, (value, _) in SETUPS[wiring.variant].conf.items()}
    transport = {**conf.pop("broker_transport_options", {}), **_own_names(wiring.queue)}
    app.conf.update(
        broker_url=wiring.broker_url,
        task_default_queue=wiring.queue,
        event_queue_prefix=wiring.queue,
        broker_transport_options=transport,
        **conf,
    )


def _own_names(queue: str) -> dict[str, str]:
    """Return the transport options that keep the unacknowledged messages under a name of our own.

    Under the default names, a worker would also redeliver what other applications' workers hold.
    """
    names = ("unacked", "unacked_index", "unacked_mutex")
    return {f"{name}_key": f"{queue}.{name}" for name in names}


def run() -> None:
    """Work until told to stop."""
    own = settings()
    connect(own)
    options = [f"--concurrency={own.slots}", "--without-mingle", f"--hostname={_node(own)}"]
    app.worker_main(["worker", *options])


def _node(wiring: Wiring) -> str:
    """Return the worker's name, which is different in each trial and on each host."""
    return f"{wiring.queue}@{socket.gethostname()}"


def is_heard_of() -> bool:
    """Return whether this host's worker answers a ping."""
    connect(settings())
    return bool(app.control.ping([_node(settings())], timeout=PING_S))


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
    unacked = _own_names(wiring.queue)["unacked_key"]
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


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share."""
    return (
        Setting(
            name="--concurrency",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue (default: one per core)",
            source="docs.celeryq.dev, Workers Guide, Concurrency",
        ),
        Setting(
            name="task_default_queue",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source="docs.celeryq.dev, Configuration and defaults",
        ),
        Setting(
            name="unacked_key, unacked_index_key, unacked_mutex_key",
            value=", ".join(_own_names(wiring.queue).values()),
            why="under the default names a worker also redelivers what other applications' workers"
            " hold in the same database",
            source="kombu.transport.redis, Transport Options",
        ),
        Setting(
            name="--hostname, event_queue_prefix",
            value=f"{_node(wiring)}, {wiring.queue}",
            why="each trial's worker has its own names, so no other worker answers in its place",
            source="docs.celeryq.dev, Workers Guide; Configuration and defaults",
        ),
        Setting(
            name="--without-mingle",
            value="set",
            why="saves a second of start-up, which is not measured; a single worker has no others"
            " to synchronise with",
            source="celery worker --help",
        ),
    )
