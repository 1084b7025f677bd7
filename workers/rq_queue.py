"""RQ: workers, each of which forks a process for every message unless it is told otherwise."""

import socket
from dataclasses import dataclass
from functools import cache
from typing import Any

from rq import Queue, Retry, SimpleWorker, Worker
from rq.worker import BaseWorker

from after202.kernel.model import Job, Setting
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform, perform_all, perform_once
from workers.rq_client import queue_of
from workers.rq_held import forget, held
from workers.rq_refusal import ForeignMessageError
from workers.rq_settings import (
    ENQUEUE_MANY,
    HARDENED_SETTINGS,
    NEXT_CLEAN_UP_S,
    ONE_PROCESS,
    PLAIN,
    POOL,
    REDELIVERY_S,
    RETRY,
)
from workers.rq_workers import HardenedWorker, run_pool, supervise
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

    They are a pool unless `is_pool` is False; then each is a process of its own.
    """

    redelivery_s: float
    settings: tuple[Setting, ...]
    task: Any = perform_step
    worker: type[BaseWorker] = Worker
    retry: Retry | None = None
    stop_grace_s: float | None = None
    is_pool: bool = True


DOCUMENTED = Setup(NEXT_CLEAN_UP_S, POOL)
PLAIN_WORKERS = Setup(NEXT_CLEAN_UP_S, PLAIN, is_pool=False)
SIMPLE_WORKER = Setup(NEXT_CLEAN_UP_S, (*POOL, ONE_PROCESS), worker=SimpleWorker)
ONE_JOB = Setup(NEXT_CLEAN_UP_S, (*POOL, ONE_MESSAGE), task=perform_job)
MANY = Setup(NEXT_CLEAN_UP_S, (*POOL, ENQUEUE_MANY))
HARDENED = Setup(
    REDELIVERY_S,
    (*POOL, *HARDENED_SETTINGS),
    worker=HardenedWorker,
    retry=RETRY,
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = Setup(
    REDELIVERY_S,
    (*POOL, *HARDENED_SETTINGS, CLAIMED),
    task=perform_step_once,
    worker=HardenedWorker,
    retry=RETRY,
    stop_grace_s=STOP_GRACE_S,
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


@cache
def queue() -> Queue:
    """Return this process's queue."""
    return queue_of(settings())


def run() -> None:
    """Work until told to stop."""
    own, setup = settings(), SETUPS[settings().variant]
    if setup.is_pool:
        run_pool(queue(), own.slots, setup.worker)
    else:
        supervise(own.slots)


def is_heard_of() -> bool:
    """Return whether all of this host's workers are registered."""
    own = [w for w in Worker.all(queue=queue()) if w.hostname == socket.gethostname()]
    return len(own) >= settings().slots
