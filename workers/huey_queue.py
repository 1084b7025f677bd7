"""Huey on Redis: the consumer's workers are threads, each of which does one step at a time."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from huey import RedisHuey
from huey.consumer_options import ConsumerConfig
from huey.signals import SIGNAL_INTERRUPTED

from after202.kernel.model import Job, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options
from workers.grace import STOP_GRACE_S
from workers.huey_held import held
from workers.huey_json import JSONSerializer
from workers.huey_settings import (
    CONSUMER_OPTIONS,
    DEFAULTS,
    GRACE,
    GRACEFUL,
    HARDENED_CONF,
    PROCESSES,
    REENQUEUED,
    TASK_OPTIONS,
    THREADS,
    Conf,
    settings_of,
)
from workers.perform import CLAIMED, perform, perform_once
from workers.redis_client import waiting
from workers.settings import settings

__all__ = ["FOREIGN_MESSAGE", "held", "is_heard_of", "run"]

# The consumer logs this when it has read a message of a task that is not ours, which is lost then.
FOREIGN_MESSAGE = "not found in TaskRegistry"
Task = Any  # of a library that is not installed where types are checked
Conduct = Callable[[dict[str, Any], int], None]


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def perform_step_once(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set Huey up: the function that is its task, the task's options, the consumer's.

    `conf` are the options that a profile may override, and `more` all other settings. With
    `is_reenqueued`, a task that is interrupted when the consumer ends goes back to the queue.
    """

    conf: Conf = field(default_factory=dict)
    more: tuple[Setting, ...] = (THREADS,)
    task: Conduct = perform_step
    consumer: Mapping[str, Any] = field(default_factory=dict)
    is_reenqueued: bool = False
    stop_grace_s: float | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*self.more, *settings_of(self.conf))

    @property
    def redelivery_s(self) -> None:
        """Nothing: what a dead worker was doing is nowhere."""

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values: what it sets, and its task's."""
        return {
            **options.overridable(self.conf, DEFAULTS),
            **options.values_of(self.conf, self.conf),
        }

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        conf = options.overridden(self.conf, options.whole(given))
        return replace(self, conf=conf) if given else self


CAREFUL = (THREADS, GRACEFUL, REENQUEUED, GRACE)
DOCUMENTED = Setup()
PROCESS_PER_SLOT = Setup(more=(PROCESSES,), consumer={"worker_type": "process"})
HARDENED = Setup(
    HARDENED_CONF,
    CAREFUL,
    consumer={"graceful_signal": "TERM"},
    is_reenqueued=True,
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = replace(HARDENED, more=(*CAREFUL, CLAIMED), task=perform_step_once)
SETUPS = {
    "documented": DOCUMENTED,
    "processes": PROCESS_PER_SLOT,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


def declared(wiring: Wiring) -> Task:
    """Return the task of a variant, declared on a Huey that has the trial's queue."""
    setup = setup_of(wiring)
    own = RedisHuey(wiring.queue, url=wiring.broker_url, serializer=JSONSerializer())
    if setup.is_reenqueued:
        own.signal(SIGNAL_INTERRUPTED)(lambda _, task: own.enqueue(task))
    return own.task(**options.values_of(setup.conf, TASK_OPTIONS))(setup.task)


@cache
def task() -> Task:
    """Return this process's task."""
    return declared(settings())


def run() -> None:
    """Work until told to stop, as `huey_consumer` does."""
    own, setup = settings(), setup_of(settings())
    arguments = {**setup.consumer, **options.values_of(setup.conf, CONSUMER_OPTIONS)}
    config = ConsumerConfig(workers=own.slots, verbose=False, **arguments)
    config.validate()
    config.setup_logger(logging.getLogger("huey"))
    task().huey.create_consumer(**config.values).run()


def is_heard_of() -> bool:
    """Return whether every worker waits for a message."""
    own = settings()
    return waiting(own.broker_url, {"brpop"}) >= own.slots
