"""Celery on Redis: the worker is a pool of processes, each of which does one step at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import redis

from after202.kernel.model import HARNESS, Look, Wiring
from after202.kernel.overrides import Scalar
from workers import celery_held, celery_redis_overrides, celery_tasks, outbox
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
    SHORT_VISIBILITY_CONF,
    VISIBILITY_TIMEOUT_S,
    own_names,
)
from workers.celery_tasks import (
    FAILURE_LOGGED,
    FOREIGN_MESSAGE,
    app,
    perform_job,
    perform_once_or_retry,
    perform_or_retry,
    perform_step,
)
from workers.celery_threads import THREADS
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE
from workers.settings import settings

__all__ = ["FAILURE_LOGGED", "FOREIGN_MESSAGE"]

LOOK_S = 3.0


@dataclass(frozen=True)
class Setup(celery_tasks.Setup):
    """One way to set Celery up on Redis, where a profile may set when messages come back, too.

    With `has_outbox` a relay sends the messages.
    """

    has_outbox: bool = False

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return celery_redis_overrides.overridable(self.conf)

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        if not given:
            return self
        conf = celery_redis_overrides.overridden(self.conf, given)
        return replace(self, conf=conf, redelivery_s=celery_redis_overrides.redelivery_s(conf))


DOCUMENTED = Setup(perform_step, DEFAULT_REDELIVERY_S, {})
ONE_TASK = Setup(perform_job, DEFAULT_REDELIVERY_S, {}, (ONE_MESSAGE,))
GROUPED = Setup(perform_step, DEFAULT_REDELIVERY_S, {}, (GROUP,))
NO_PREFETCH = Setup(perform_step, DEFAULT_REDELIVERY_S, NO_PREFETCH_CONF)
SHORT_VISIBILITY = Setup(
    perform_step, VISIBILITY_TIMEOUT_S + DEFAULT_SWEEP_S, SHORT_VISIBILITY_CONF
)
IN_THREADS = Setup(perform_step, DEFAULT_REDELIVERY_S, {}, THREADS, options=("--pool=threads",))
HARDENED = Setup(
    perform_or_retry,
    REDELIVERY_S,
    HARDENED_CONF,
    (RETRIED, GRACE),
    (REMAP,),
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = replace(HARDENED, task=perform_once_or_retry, more=(RETRIED, GRACE, CLAIMED))
OUTBOX = replace(HARDENED, more=(*HARDENED.more, outbox.OUTBOX), has_outbox=True)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_TASK,
    "batched": GROUPED,
    "no_prefetch": NO_PREFETCH,
    "short_visibility": SHORT_VISIBILITY,
    "threads": IN_THREADS,
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
    celery_tasks.work(configuration(own), SETUPS[own.variant], own)


def is_heard_of() -> bool:
    """Return whether this host's worker answers a ping."""
    return celery_tasks.is_heard_of(configuration(settings()))


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
