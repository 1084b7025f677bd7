"""Dramatiq on Redis: `dramatiq` runs worker processes, and the threads of each do one step each."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from after202.kernel.model import Job, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import dramatiq_overrides, options, workloads
from workers.dramatiq_held import held
from workers.dramatiq_overrides import ACTOR_OPTIONS, BROKER_OPTIONS, MS, Conf
from workers.dramatiq_settings import (
    GRACE,
    HARDENED_CONF,
    PREFETCH,
    SHUTDOWN,
    SHUTDOWN_S,
    common_settings,
    settings_of,
    shape,
)
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, perform, perform_once
from workers.redis_client import connection, waiting
from workers.settings import settings

__all__ = ["FOREIGN_MESSAGE", "held", "is_heard_of", "run"]

# The worker logs this when it receives a message for an actor that is not ours.
FOREIGN_MESSAGE = "undefined actor"
Actor = Any  # of a library that is not installed where types are checked


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def perform_step_once(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set Dramatiq up: the function that is its actor, its options, and the workers.

    The slots are the threads of one process, or processes of one thread each. `conf` are the
    options that a profile may override, and `more` all other settings. With `is_careful`, a worker
    fetches no messages ahead, and hands back what it holds before its grace ends.
    """

    conf: Conf = field(default_factory=dict)
    more: tuple[Setting, ...] = ()
    task: Callable[[dict[str, Any], int], None] = perform_step
    is_threaded: bool = True
    is_careful: bool = False
    stop_grace_s: float | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*settings_of(self.conf), *self.more)

    @property
    def redelivery_s(self) -> float | None:
        """How long what a dead worker held waits, in seconds."""
        return dramatiq_overrides.redelivery_s(self.conf)

    def shape(self, slots: int) -> tuple[int, int]:
        """Return how many processes there are, and how many threads in each."""
        return (1, slots) if self.is_threaded else (slots, 1)

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return options.overridable(self.conf, dramatiq_overrides.DEFAULTS)

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        conf = options.overridden(self.conf, options.whole(given))
        return replace(self, conf=conf) if given else self


CAREFUL = (PREFETCH, SHUTDOWN, GRACE)
DOCUMENTED = Setup()
PROCESS_PER_SLOT = Setup(is_threaded=False)
HARDENED = Setup(HARDENED_CONF, CAREFUL, is_careful=True, stop_grace_s=STOP_GRACE_S)
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


def settings_in(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, with the shape of the one that is chosen."""
    return (shape(*setup_of(wiring).shape(wiring.slots)), *common_settings(wiring))


def connect(wiring: Wiring) -> None:
    """Make this process's broker, which is Dramatiq's global one, and declare the actor."""
    setup = setup_of(wiring)
    broker = RedisBroker(
        client=connection(wiring.broker_url),
        namespace=wiring.queue,
        **options.values_of(setup.conf, BROKER_OPTIONS),
    )
    dramatiq.set_broker(broker)
    dramatiq.actor(**options.values_of(setup.conf, ACTOR_OPTIONS))(setup.task)


def actor(setup: Setup) -> Actor:
    """Return the actor that this process has declared."""
    return dramatiq.get_broker().get_actor(setup.task.__name__)


def boot() -> None:
    """Set up a worker process; `dramatiq` calls this in each."""
    workloads.load_all()
    connect(settings())


def run() -> None:
    """Become `dramatiq`, which works until told to stop."""
    own, setup = settings(), setup_of(settings())
    processes, threads = setup.shape(own.slots)
    arguments = [f"--processes={processes}", f"--threads={threads}", "--skip-logging"]
    if setup.is_careful:
        arguments.append(f"--worker-shutdown-timeout={SHUTDOWN_S * MS:.0f}")
        # Dramatiq reads it when its worker is imported.
        os.environ["dramatiq_queue_prefetch"] = str(threads)  # noqa: SIM112 - it is named so
    command = [sys.executable, "-m", "dramatiq", f"{__name__}:{boot.__name__}", *arguments]
    os.execv(command[0], command)  # noqa: S606 - the program that its documentation starts


def is_heard_of() -> bool:
    """Return whether every worker process asks for messages, which a script in Redis hands out."""
    own = settings()
    processes, _ = setup_of(own).shape(own.slots)
    return waiting(own.broker_url, {"evalsha"}) >= processes
