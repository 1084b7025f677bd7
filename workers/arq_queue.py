"""arq: one process, which looks for jobs at intervals and runs them on its event loop."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import redis
from arq import create_pool, run_worker
from arq.connections import ArqRedis, RedisSettings
from arq.constants import health_check_key_suffix
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options
from workers.arq_held import held
from workers.arq_jobs import (
    FUNCTIONS,
    perform_job,
    perform_job_once,
    perform_job_or_retry,
    perform_step,
    perform_step_once,
    perform_step_or_retry,
)
from workers.arq_settings import (
    BACKOFF_CAP_S,
    BACKOFF_S,
    CANCELLED,
    CONNECTION_RETRIES,
    DEFAULTS,
    ENQUEUE_TIMEOUT_S,
    ENQUEUED_IN_TIME,
    GRACE,
    HARDENED_CONF,
    HELD_LONG,
    IN_PROGRESS_EXTRA_S,
    NOT_RETRIED,
    POLL,
    POLLED,
    RECONNECTING,
    RETRIED,
    SHORT_POLL_CONF,
    TIMEOUT,
    TRIES,
    Conf,
    settings_of,
)
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE
from workers.settings import settings

__all__ = ["FOREIGN_MESSAGE", "held", "is_heard_of", "run"]

# The worker logs this, and the function's name, when a job asks for one that is not ours.
FOREIGN_MESSAGE = ", function '"
RECONNECTS: Mapping[str, Any] = {
    "retry": Retry(ExponentialBackoff(BACKOFF_CAP_S, BACKOFF_S), CONNECTION_RETRIES),
    "retry_on_error": [redis.ConnectionError, redis.TimeoutError],
}


@dataclass(frozen=True)
class Setup:
    """One way to set arq up: the functions that do a step or a whole job, and the worker.

    `conf` are the worker's arguments that a profile may override, `connection` those of
    RedisSettings, and `more` all other settings.
    """

    more: tuple[Setting, ...]
    conf: Conf = field(default_factory=dict)
    step: str = perform_step.__name__
    job: str = perform_job.__name__
    is_one_message: bool = False
    connection: Mapping[str, Any] = field(default_factory=dict)
    enqueue_timeout_s: float | None = None
    stop_grace_s: float | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*self.more, *settings_of(self.conf))

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return options.overridable(self.conf, DEFAULTS)

    @property
    def redelivery_s(self) -> float:
        """How long the key of a job in progress outlives its worker, and a worker's next look."""
        values = self.overridable
        return float(values[TIMEOUT]) + IN_PROGRESS_EXTRA_S + float(values[POLL])

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        return replace(self, conf=options.overridden(self.conf, given)) if given else self

    def redis_settings(self, wiring: Wiring) -> RedisSettings:
        """Return where the broker is, and how to connect to it."""
        return replace(RedisSettings.from_dsn(wiring.broker_url), **self.connection)


SLOW = (POLLED, HELD_LONG, CANCELLED, NOT_RETRIED)
CAREFUL = (POLLED, RETRIED, RECONNECTING, ENQUEUED_IN_TIME, GRACE)
DOCUMENTED = Setup(SLOW)
ONE_JOB = Setup((*SLOW, ONE_MESSAGE), is_one_message=True)
SHORT_POLL = Setup((HELD_LONG, CANCELLED, NOT_RETRIED), SHORT_POLL_CONF)
HARDENED = Setup(
    CAREFUL,
    HARDENED_CONF,
    step=perform_step_or_retry.__name__,
    job=perform_job_or_retry.__name__,
    connection=RECONNECTS,
    enqueue_timeout_s=ENQUEUE_TIMEOUT_S,
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = replace(
    HARDENED,
    more=(*CAREFUL, CLAIMED),
    step=perform_step_once.__name__,
    job=perform_job_once.__name__,
)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_JOB,
    "short_poll": SHORT_POLL,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


def to_json(value: dict[str, Any]) -> bytes:
    """Return a job or a result as JSON; what JSON has not, such as an exception, as its text."""
    return json.dumps(value, default=repr).encode()


async def pool(wiring: Wiring) -> ArqRedis:
    """Connect to the broker, for enqueueing; tries it for some seconds if it is not there."""
    return await create_pool(
        setup_of(wiring).redis_settings(wiring),
        job_serializer=to_json,
        job_deserializer=json.loads,
        default_queue_name=wiring.queue,
    )


def run() -> None:
    """Work until told to stop, as `arq` does with a class of these settings."""
    own, setup = settings(), setup_of(settings())
    logging.basicConfig(level=logging.WARNING)
    arguments = setup.overridable
    worker_settings = {
        "functions": FUNCTIONS,
        "redis_settings": setup.redis_settings(own),
        "queue_name": own.queue,
        "max_jobs": own.slots,
        "job_serializer": to_json,
        "job_deserializer": json.loads,
        "ctx": {TRIES: arguments[TRIES]},
        **arguments,
    }
    run_worker(worker_settings)


def is_heard_of() -> bool:
    """Return whether a worker of this queue has left its health check."""
    own = settings()
    with redis.Redis.from_url(own.broker_url) as connection:
        return bool(connection.exists(own.queue + health_check_key_suffix))
