"""taskiq on Redis: worker processes, each of which runs several tasks on its event loop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from taskiq import SimpleRetryMiddleware, TaskiqEvents, async_shared_broker
from taskiq.cli.worker.args import WorkerArgs
from taskiq.cli.worker.run import run_worker
from taskiq_redis import ListQueueBroker, RedisStreamBroker

from after202.kernel.model import Look, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import options, taskiq_held
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED
from workers.redis_client import waiting
from workers.settings import settings
from workers.taskiq_common import LOG_LEVEL, processes
from workers.taskiq_settings import (
    DEFAULT_IDLE_MS,
    DOCUMENTED_STREAM,
    GRACE,
    HARDENED_CONF,
    LIST_BROKER,
    NUDGE_S,
    NUDGED,
    RETRIED,
    STREAM_BROKER,
    TRIES,
    Conf,
    settings_of,
)
from workers.taskiq_tasks import (
    perform_job,
    perform_job_once,
    perform_step,
    perform_step_once,
    start_nudging,
    stop_nudging,
)

# The worker logs this when it receives a task that is not ours.
FOREIGN_MESSAGE = "is not found. Maybe you forgot to import it?"
# RedisStreamBroker's own name for its consumer group.
GROUP = "taskiq"
IDLE = "idle_timeout"
DEFAULTS: Mapping[str, Scalar] = {
    IDLE: DEFAULT_IDLE_MS, "xread_count": 100, "unacknowledged_batch_size": 100,
}  # fmt: skip
Broker = Any  # taskiq's brokers are not in the environment that mypy sees
Task = Any


@dataclass(frozen=True)
class Setup:
    """One way to set taskiq up: its broker, and the tasks that do a step, or a whole job.

    `conf` are the options of RedisStreamBroker that differ from its defaults, `listening` those of
    the worker's connection alone, and `more` all other settings.
    """

    more: tuple[Setting, ...]
    kind: Callable[..., Broker] = RedisStreamBroker
    conf: Conf = field(default_factory=dict)
    step: Task = perform_step
    job: Task = perform_job
    listening: Mapping[str, Any] = field(default_factory=dict)
    is_retried: bool = False
    is_nudged: bool = False
    stop_grace_s: float | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*self.more, *settings_of(self.conf))

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override: options of the stream, with the variant's values."""
        if self.kind is not RedisStreamBroker:
            return {}
        return options.overridable(self.conf, DEFAULTS)

    @property
    def redelivery_s(self) -> float | None:
        """How long what a dead worker held waits; None where that takes another message.

        No time bounds when the next one comes, unless the worker sends itself one a second.
        """
        return float(self.overridable[IDLE]) / 1000 + NUDGE_S if self.is_nudged else None

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        return replace(self, conf=options.overridden(self.conf, given)) if given else self

    def broker(self, wiring: Wiring, connection: Mapping[str, Any]) -> Broker:
        """Return a broker on the wiring's server and queue, with options of its connection."""
        own = options.values_of(self.conf, self.conf)
        broker = self.kind(url=wiring.broker_url, queue_name=wiring.queue, **own, **connection)
        if self.is_retried:
            broker.add_middlewares(
                SimpleRetryMiddleware(default_retry_count=TRIES, default_retry_label=True)
            )
        if self.is_nudged:
            broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, start_nudging)
            broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, stop_nudging)
        return broker


STREAM = (*STREAM_BROKER, *DOCUMENTED_STREAM)
CAREFUL = (*STREAM_BROKER, RETRIED, GRACE)
DOCUMENTED = Setup(STREAM)
LIST_QUEUE = Setup(LIST_BROKER, ListQueueBroker, listening={"socket_timeout": None})
HARDENED = Setup(CAREFUL, conf=HARDENED_CONF, is_retried=True, stop_grace_s=STOP_GRACE_S)
NUDGING = replace(HARDENED, more=(*CAREFUL, NUDGED), is_nudged=True)
DEDUPLICATED = replace(
    HARDENED, more=(*CAREFUL, CLAIMED), step=perform_step_once, job=perform_job_once
)
SETUPS = {
    "documented": DOCUMENTED,
    "list_queue": LIST_QUEUE,
    "hardened": HARDENED,
    "nudged": NUDGING,
    "deduplicated": DEDUPLICATED,
}


def connect(wiring: Wiring) -> Broker:
    """Have the tasks of this API sent through a broker made for its variant; return it."""
    return _connected(setup_of(wiring).broker(wiring, {}))


def worker_broker() -> Broker:
    """Return the broker of a worker process, each of which calls this: the command names it."""
    setup = setup_of(settings())
    return _connected(setup.broker(settings(), setup.listening))


def setup_of(wiring: Wiring) -> Setup:
    """Return the setup of a variant, with what a profile overrides."""
    return SETUPS[wiring.variant].overridden(wiring.overrides)


def _connected(broker: Broker) -> Broker:
    async_shared_broker.default_broker(broker)
    return broker


def run() -> None:
    """Work until told to stop, as `taskiq worker` does."""
    slots = settings().slots
    tasks = str(slots // processes(slots))
    arguments = {
        "--workers": str(processes(slots)),
        "--max-async-tasks": tasks,
        "--max-threadpool-threads": tasks,
        "--log-level": LOG_LEVEL,
    }
    flat = [word for pair in arguments.items() for word in pair]
    run_worker(WorkerArgs.from_cli([f"{__name__}:{worker_broker.__name__}", *flat]))


def is_heard_of() -> bool:
    """Return whether as many clients as there are worker processes wait for messages."""
    own = settings()
    return waiting(own.broker_url, {"xreadgroup", "brpop"}) >= processes(own.slots)


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in the stream, or the list; None if the broker does not answer."""
    return taskiq_held.held(wiring, GROUP)
