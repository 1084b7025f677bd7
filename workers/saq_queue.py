"""SAQ on Redis: one process, each of whose tasks takes a job from a list and does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import redis
from saq import Queue
from saq.runner import run as run_worker

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED
from workers.saq_held import held
from workers.saq_settings import (
    ABORT_S,
    DEFAULTS,
    DEQUEUE,
    ENQUEUE_TIMEOUT_S,
    ENQUEUED_IN_TIME,
    GRACE,
    GRACE_PERIOD,
    HARDENED_CONF,
    INFO,
    NOT_RETRIED,
    OF_A_JOB,
    SWEEP,
    SWEPT_EARLY,
    TIMEOUT,
    Conf,
    settings_of,
)
from workers.saq_tasks import (
    FUNCTIONS,
    perform_job,
    perform_job_once,
    perform_step,
    perform_step_once,
)
from workers.settings import settings

__all__ = ["FOREIGN_MESSAGE", "held", "is_heard_of", "run"]

# In the traceback that the worker logs when a job asks for a function that is not ours.
FOREIGN_MESSAGE = "self.functions[job.function]"


@dataclass(frozen=True)
class Setup:
    """One way to set SAQ up: the functions that do a step or a whole job, and its properties.

    `conf` are the options that a profile may override, and `more` all other settings.
    """

    more: tuple[Setting, ...]
    conf: Conf = field(default_factory=dict)
    step: str = perform_step.__name__
    job: str = perform_job.__name__
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
    def of_a_job(self) -> dict[str, Scalar]:
        """What is enqueued with every job."""
        return {name: self.overridable[name] for name in OF_A_JOB}

    @property
    def redelivery_s(self) -> float:
        """How long a dead worker's job waits: until it is stuck, found by a sweep, and aborted.

        A sweep may find the lock of the one before it, so it takes up to two intervals.
        """
        values = self.overridable
        return float(values[TIMEOUT]) + 2 * float(values[SWEEP]) + ABORT_S

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        return replace(self, conf=options.overridden(self.conf, given)) if given else self


CAREFUL = (SWEPT_EARLY, ENQUEUED_IN_TIME, GRACE)
DOCUMENTED = Setup((*NOT_RETRIED, SWEPT_EARLY))
HARDENED = Setup(
    CAREFUL, HARDENED_CONF, enqueue_timeout_s=ENQUEUE_TIMEOUT_S, stop_grace_s=STOP_GRACE_S
)
DEDUPLICATED = replace(
    HARDENED,
    more=(*CAREFUL, CLAIMED),
    step=perform_step_once.__name__,
    job=perform_job_once.__name__,
)
SETUPS = {"documented": DOCUMENTED, "hardened": HARDENED, "deduplicated": DEDUPLICATED}


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


def queue_of(wiring: Wiring) -> Queue:
    """Return a trial's queue, whose messages are JSON."""
    return Queue.from_url(wiring.broker_url, name=wiring.queue)


def worker_settings() -> dict[str, Any]:
    """Return the worker's settings; the command names this function."""
    own = settings()
    values = setup_of(own).overridable
    return {
        "queue": queue_of(own),
        "functions": FUNCTIONS,
        "concurrency": own.slots,
        "timers": {"sweep": values[SWEEP], "worker_info": values[INFO]},
        GRACE_PERIOD: values[GRACE_PERIOD],
        DEQUEUE: values[DEQUEUE],
    }


def run() -> None:
    """Work until told to stop, as `saq` does."""
    run_worker(f"{__name__}.{worker_settings.__name__}")


def is_heard_of() -> bool:
    """Return whether a worker of this queue has told of itself, as it does every ten seconds."""
    own = settings()
    with redis.Redis.from_url(own.broker_url) as connection:
        return bool(connection.exists(f"saq:{own.queue}:stats"))
