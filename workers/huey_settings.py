"""What Huey's variants set, which of its defaults their figures depend on, and why."""

from collections.abc import Mapping
from typing import Any

import huey
from huey.consumer_options import ConsumerConfig

from after202.kernel.model import NO_BROKER, Setting, Wiring
from workers.grace import STOP_GRACE_S, long_grace
from workers.huey_json import JSONSerializer

# Options of a variant's task by name, each with the reason for it.
Conf = Mapping[str, tuple[int, str]]
TASK_OPTIONS, CONSUMER_OPTIONS = ("retries", "retry_delay"), ("shutdown_timeout",)
DEFAULTS: Mapping[str, int] = dict.fromkeys(TASK_OPTIONS, 0)
TASKS = "huey.readthedocs.io/en/latest/api.html, Huey.task"
DEPLOYMENT = "huey.readthedocs.io/en/latest/deployment.html, Shutdown Signals"
CONSUMER = "huey.readthedocs.io/en/latest/consumer.html, Options for the consumer"
SOURCES = {**dict.fromkeys(TASK_OPTIONS, TASKS), **dict.fromkeys(CONSUMER_OPTIONS, CONSUMER)}
USUAL = ConsumerConfig()
RETRIED_TIMES = 3
# How long the consumer waits for its workers, so that it can hand back their tasks before KILL.
SHUTDOWN_S = int(STOP_GRACE_S) - 10

HARDENED_CONF: Conf = {
    "retries": (
        RETRIED_TIMES,
        "a job that raises is retried, without delay because episodes are short",
    ),
    "shutdown_timeout": (
        SHUTDOWN_S,
        (
            "seconds: a task that takes longer is interrupted, and put back, before KILL comes; by"
            " default the consumer waits without a limit"
        ),
    ),
}


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the options as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=SOURCES[name])
        for name, (value, why) in conf.items()
    )


THREADS = Setting(
    name="--worker-type",
    value="thread",
    why="Huey's default, and its advice when in doubt: the workers are threads of one process, and"
    " share its interpreter lock",
    source="huey_consumer --help",
    is_default=True,
)
PROCESSES = Setting(
    name="--worker-type",
    value="process",
    why="as Huey advises for work that needs the processor: each worker is a process, as with"
    " Celery and RQ; one that dies is replaced within"
    f" {USUAL.health_check_interval} s",
    source="huey_consumer --help",
)
GRACEFUL = Setting(
    name="--graceful-signal",
    value="TERM",
    why="TERM, which a supervisor sends, lets workers finish their tasks; by default only INT does,"
    " and TERM interrupts them: they are lost",
    source=DEPLOYMENT,
)
REENQUEUED = Setting(
    name="SIGNAL_INTERRUPTED",
    value="enqueues the task again",
    why="Huey has taken a task from Redis before it runs, so one that is interrupted is lost unless"
    " it is put back; one that is killed is lost in any case. It is safe after a graceful shutdown"
    " alone: without one, an idle worker may take it again while the consumer ends",
    source="huey.readthedocs.io/en/latest/deployment.html, Production checklist",
)
GRACE = long_grace("on TERM a worker finishes the job that it is doing", DEPLOYMENT)


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="--workers",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue; a Huey worker does one at a time"
            f" (default: {USUAL.workers})",
            source=CONSUMER,
        ),
        Setting(
            name="serializer",
            value=JSONSerializer.__name__,
            why="ours, because Huey's own pickle, and loading a pickle runs the code of whoever can"
            " write to the broker; a task or a result that JSON cannot hold is refused",
            source="huey.readthedocs.io/en/latest/api.html, Huey; huey/serializer.py",
        ),
        Setting(
            name="name",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source="huey.readthedocs.io/en/latest/api.html, Huey",
        ),
        Setting(
            name="id of a task",
            value="the job's, and the step's number",
            why="a failure in the result store has its task's id and none of its arguments, so that"
            " whoever finds it can tell the job; by default an id is random",
            source="huey/api.py, TaskWrapper.s and Huey.build_error_result",
        ),
        Setting(
            name="--quiet",
            value="set",
            why="every server and worker logs at the same level: warnings and errors",
            source="huey_consumer --help",
        ),
        *_defaults(wiring),
    )


def _defaults(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the defaults of Huey and redis-py that speed and survival depend on."""
    url = None if wiring.broker_url == NO_BROKER else wiring.broker_url
    own = huey.RedisHuey(wiring.queue, url=url)
    connected: Any = own.storage.pool.make_connection()
    return (
        Setting(
            name="Huey",
            value=huey.__version__,
            why="the version that this strategy runs with, in an environment of its own",
            source="huey.__version__",
            is_default=True,
        ),
        Setting(
            name="blocking, read_timeout",
            value=f"{own.storage.blocking}, {own.storage.read_timeout} s",
            why="a worker waits for a message in Redis (BRPOP), and has it as soon as it comes",
            source="huey.readthedocs.io/en/latest/api.html, RedisStorage",
            is_default=True,
        ),
        Setting(
            name="results, store_none",
            value=f"{own.results}, {own.store_none}",
            why="a failure is kept in the result store, as is what a task returns unless it is"
            " None, as here; nothing deletes what nobody reads",
            source="huey.readthedocs.io/en/latest/api.html, Huey",
            is_default=True,
        ),
        Setting(
            name="connection retries",
            value=str(connected.retry.get_retries()),
            why="Huey makes redis-py's pool of connections itself, whose connections never retry: a"
            " broker that is away is an error as soon as it refuses a connection",
            source="huey/storage.py, RedisStorage; redis-py, AbstractConnection.__init__",
            is_default=True,
        ),
        Setting(
            name="socket_timeout, socket_connect_timeout",
            value=f"{connected.socket_timeout} s, {connected.socket_connect_timeout} s",
            why="how long a client waits for a broker that hangs; a worker takes that for an empty"
            " queue",
            source="redis-py, redis/_defaults.py; huey/storage.py, RedisStorage.dequeue",
            is_default=True,
        ),
    )
