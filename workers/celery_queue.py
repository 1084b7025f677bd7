"""Celery on Redis: the worker is a pool of processes, each of which does one step at a time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import redis
from celery import Celery

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import celery_held, celery_overrides, outbox
from workers.celery_settings import (
    DEFAULT_REDELIVERY_S,
    DEFAULT_SWEEP_S,
    GRACE,
    GROUP,
    HARDENED_CONF,
    NO_PREFETCH_CONF,
    REDELIVERY_S,
    REMAP,
    RETRIED,
    RETRIES,
    SHORT_VISIBILITY_CONF,
    VISIBILITY_TIMEOUT_S,
    Conf,
    node,
    own_names,
    settings_of,
)
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform, perform_all, perform_once
from workers.settings import settings

PING_S, LOOK_S = 5.0, 3.0
# The worker logs this when it receives a task that is not ours.
FOREIGN_MESSAGE = "unregistered task"
# The parent logs this, and WorkerLostError for the job, when the process of a job has died.
FAILURE_LOGGED = r"Process '[^']*' pid:(\d+) exited with"
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
    """One way to set Celery up: the task that does a step, or a job, and its configuration.

    `environment` are settings that a worker reads from its environment, and `more` all others. With
    `has_outbox` a relay sends the messages.
    """

    task: Task
    redelivery_s: float
    conf: Conf
    more: tuple[Setting, ...] = ()
    environment: tuple[Setting, ...] = ()
    stop_grace_s: float | None = None
    has_outbox: bool = False

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*settings_of(self.conf), *self.environment, *self.more)

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return celery_overrides.overridable(self.conf)

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        if not given:
            return self
        conf = celery_overrides.overridden(self.conf, given)
        return replace(self, conf=conf, redelivery_s=celery_overrides.redelivery_s(conf))


DOCUMENTED = Setup(perform_step, DEFAULT_REDELIVERY_S, {})
ONE_TASK = Setup(perform_job, DEFAULT_REDELIVERY_S, {}, (ONE_MESSAGE,))
GROUPED = Setup(perform_step, DEFAULT_REDELIVERY_S, {}, (GROUP,))
NO_PREFETCH = Setup(perform_step, DEFAULT_REDELIVERY_S, NO_PREFETCH_CONF)
SHORT_VISIBILITY = Setup(
    perform_step, VISIBILITY_TIMEOUT_S + DEFAULT_SWEEP_S, SHORT_VISIBILITY_CONF
)
HARDENED = Setup(
    perform_or_retry, REDELIVERY_S, HARDENED_CONF, (RETRIED, GRACE), (REMAP,), STOP_GRACE_S
)
DEDUPLICATED = Setup(
    perform_once_or_retry,
    REDELIVERY_S,
    HARDENED_CONF,
    (RETRIED, GRACE, CLAIMED),
    (REMAP,),
    STOP_GRACE_S,
)
OUTBOX = replace(HARDENED, more=(*HARDENED.more, outbox.OUTBOX), has_outbox=True)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_TASK,
    "batched": GROUPED,
    "no_prefetch": NO_PREFETCH,
    "short_visibility": SHORT_VISIBILITY,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
    "outbox": OUTBOX,
}


def configuration(wiring: Wiring) -> dict[str, Any]:
    """Return Celery's configuration for a variant on a broker and a queue."""
    setup = SETUPS[wiring.variant].overridden(wiring.overrides)
    conf = {name: value for name, (value, _) in setup.conf.items()}
    transport = {**conf.pop("broker_transport_options", {}), **own_names(wiring.queue)}
    return {
        "broker_url": wiring.broker_url,
        "task_default_queue": wiring.queue,
        "event_queue_prefix": wiring.queue,
        "broker_transport_options": transport,
        **conf,
    }


def connect(wiring: Wiring) -> None:
    """Point this process's app at the broker and the queue, configured for its variant."""
    app.conf.update(configuration(wiring))


def run() -> None:
    """Work until told to stop."""
    own = settings()
    # Read once, when the modules of Celery's worker are imported, which importing Celery does not.
    os.environ.update({one.name: one.value for one in SETUPS[own.variant].environment})
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
    with _look(wiring) as connection:
        celery_held.forget(wiring.queue.encode(), connection)


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in the queue's lists and in messages that a worker took but has not acked.

    Before them are those in the outbox, if the variant has one: a message that is sent meanwhile is
    seen in one place at least. None if the broker, or the outbox, does not answer.
    """
    stored = outbox.unsent(wiring) if SETUPS[wiring.variant].has_outbox else Look()
    if stored is None:
        return None
    try:
        with _look(wiring) as connection:
            found = celery_held.look(configuration(wiring), app.tasks, connection)
    except redis.RedisError:
        return None
    return found.model_copy(update={"held": {**stored.held, **found.held}})
