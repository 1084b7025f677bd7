"""RQ: workers, each of which forks a process for every message unless it is told otherwise."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from rq import Queue, Retry, SimpleWorker, Worker
from rq.worker import BaseWorker

from after202.kernel.model import Job, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options, rq_overrides
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform, perform_all, perform_once
from workers.rq_client import queue_of
from workers.rq_held import forget, held
from workers.rq_overrides import Conf
from workers.rq_refusal import ForeignMessageError
from workers.rq_settings import (
    ENQUEUE_MANY,
    GRACE,
    HARDENED_CONF,
    ONE_PROCESS,
    PLAIN,
    POOL,
    settings_of,
)
from workers.rq_workers import run_pool, supervise
from workers.settings import settings

__all__ = ["FOREIGN_MESSAGE", "forget", "held", "is_heard_of", "run"]

# The worker logs this when it refuses a task that is not ours.
FOREIGN_MESSAGE = ForeignMessageError.__name__


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    perform_all(Job.model_validate(message))


def perform_step_once(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set RQ up: the function that does a step, or a job, and the workers.

    They are a pool unless `is_pool` is False; then each is a process of its own. `conf` are the
    options that a profile may override, and `more` all other settings.
    """

    more: tuple[Setting, ...]
    conf: Conf = field(default_factory=dict)
    task: Any = perform_step
    kind: type[BaseWorker] = Worker
    stop_grace_s: float | None = None
    is_pool: bool = True

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*self.more, *settings_of(self.conf))

    @cached_property
    def worker(self) -> type[BaseWorker]:
        """The class of its workers."""
        return rq_overrides.worker_of(self.kind, self.conf)

    @cached_property
    def retry(self) -> Retry | None:
        """How often a message is retried."""
        return rq_overrides.retry_of(self.conf)

    @property
    def redelivery_s(self) -> float:
        """How long what a dead worker held waits at most, in seconds."""
        return rq_overrides.redelivery_s(self.worker)

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return options.overridable(self.conf, rq_overrides.DEFAULTS)

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        conf = options.overridden(self.conf, options.whole(given))
        return replace(self, conf=conf) if given else self


DOCUMENTED = Setup(POOL)
PLAIN_WORKERS = Setup(PLAIN, is_pool=False)
SIMPLE_WORKER = Setup((*POOL, ONE_PROCESS), kind=SimpleWorker)
ONE_JOB = Setup((*POOL, ONE_MESSAGE), task=perform_job)
MANY = Setup((*POOL, ENQUEUE_MANY))
HARDENED = Setup((*POOL, GRACE), HARDENED_CONF, stop_grace_s=STOP_GRACE_S)
DEDUPLICATED = Setup(
    (*POOL, GRACE, CLAIMED), HARDENED_CONF, task=perform_step_once, stop_grace_s=STOP_GRACE_S
)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_JOB,
    "batched": MANY,
    "simple_worker": SIMPLE_WORKER,
    "plain_workers": PLAIN_WORKERS,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


@cache
def queue() -> Queue:
    """Return this process's queue."""
    return queue_of(settings())


def run() -> None:
    """Work until told to stop."""
    own, setup = settings(), setup_of(settings())
    if setup.is_pool:
        run_pool(queue(), own.slots, setup.worker)
    else:
        supervise(own.slots)


def is_heard_of() -> bool:
    """Return whether all of this host's workers are registered."""
    own = [w for w in Worker.all(queue=queue()) if w.hostname == socket.gethostname()]
    return len(own) >= settings().slots
