"""What RQ's variants set, which defaults of RQ and redis-py their figures depend on, and why.

The values are read from objects that are made as the API's and the workers' are.
"""

from typing import Any

from redis import Redis
from rq import Worker
from rq.version import VERSION

from after202.kernel.model import Setting, Wiring
from workers.grace import long_grace
from workers.rq_client import queue_of
from workers.rq_overrides import DEFAULT, INTERVALS, RETRIES, Conf, heartbeat_s, idle
from workers.rq_workers import LOG_LEVEL, tuned

# A worker blocks on its queue for its TTL less 15 s, and cleans the registries between waits.
WORKER_TTL_S, MONITORING_S, MAINTENANCE_S = 16, 1, 1
RETRIED_TIMES = 3
SOURCES = {
    RETRIES: "python-rq.org/docs/exceptions, Retrying Failed Jobs",
    **dict.fromkeys(INTERVALS, "python-rq.org/docs/workers"),
}
HEARTBEAT_S = heartbeat_s(idle(tuned(Worker, {"job_monitoring_interval": MONITORING_S})))

# What a careful user sets, and why.
HARDENED_CONF: Conf = {
    RETRIES: (RETRIED_TIMES, "Retry(max): a job that raises, or whose process dies, is retried"),
    "worker_ttl": (
        WORKER_TTL_S,
        f"an idle worker wakes every second instead of every {DEFAULT.dequeue_timeout} s",
    ),
    "job_monitoring_interval": (
        MONITORING_S,
        (
            "a worker tells every second that its job is alive; the job is abandoned only"
            f" {HEARTBEAT_S} s after that, because RQ adds 60 s, without an option for it (a"
            " subclass may override Worker.get_heartbeat_ttl)"
        ),
    ),
    "maintenance_interval": (
        MAINTENANCE_S,
        (
            "a worker looks for jobs of dead workers every second instead of every"
            f" {DEFAULT.maintenance_interval} s"
        ),
    ),
}


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the options as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=SOURCES[name])
        for name, (value, why) in conf.items()
    )


GRACE = long_grace(
    "on TERM a worker finishes the job that it is doing",
    "python-rq.org/docs/workers, Taking Down Workers",
)
POOL = (
    Setting(
        name="workers",
        value="a WorkerPool of num_workers",
        why="one worker does one job at a time, so a pool is needed for several slots",
        source="python-rq.org/docs/workers, Worker Pool",
    ),
    Setting(
        name="scheduler",
        value="runs in one process more",
        why="a WorkerPool starts its workers with RQ's scheduler, which wakes once a second though"
        " nothing is scheduled; its processor time and memory count as the queue's",
        source="rq/worker_pool.py, run_worker",
        is_default=True,
    ),
)
PLAIN = (
    Setting(
        name="workers",
        value="a process each, without a pool",
        why="the same as starting `rq worker` several times under a supervisor, which starts again"
        " what ends; `rq worker` runs no scheduler",
        source="python-rq.org/docs/workers, Starting Workers",
    ),
)
ONE_PROCESS = Setting(
    name="worker_class",
    value="SimpleWorker",
    why="runs jobs in the worker's own process, which saves a fork for each; a job that crashes"
    " takes the worker with it",
    source="python-rq.org/docs/workers, Performance Notes",
)
ENQUEUE_MANY = Setting(
    name="enqueue_many",
    value="the job's steps in one call",
    why="the messages of a job reach the broker in one pipeline; each is fetched, retried and"
    " redelivered on its own; ordered steps depend on one another, as documented",
    source="python-rq.org/docs, Bulk Job Enqueueing",
)


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    queue = queue_of(wiring)
    serializer: Any = queue.serializer
    return (
        Setting(
            name="number of workers",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue; an RQ worker does one at a time",
            source="python-rq.org/docs/workers",
        ),
        Setting(
            name="serializer",
            value=serializer.__name__,
            why="messages are readable in any language, and decoding one loads no pickle",
            source="python-rq.org/docs, Job Serializers",
        ),
        Setting(
            name="queue",
            value=queue.name,
            why="each trial has its own queue name, so trials cannot share messages",
            source="python-rq.org/docs",
        ),
        Setting(
            name="logging_level",
            value=LOG_LEVEL,
            why="every server and worker logs at the same level: warnings and errors",
            source="python-rq.org/docs/workers",
        ),
        *_defaults(queue.connection),
    )


def _defaults(client: Redis) -> tuple[Setting, ...]:
    """Return the defaults of RQ and redis-py that speed and survival depend on."""
    connected: Any = client.connection_pool.make_connection()
    return (
        Setting(
            name="RQ",
            value=VERSION,
            why="the version that this strategy runs with; it may have an environment of its own",
            source="rq.version.VERSION",
            is_default=True,
        ),
        Setting(
            name="result_ttl",
            value=f"{DEFAULT.default_result_ttl} s",
            why="RQ keeps what a job returned, although nothing reads it here",
            source="python-rq.org/docs/results",
            is_default=True,
        ),
        Setting(
            name="connection retries",
            value=str(connected.retry.get_retries()),
            why="as Redis() has them: a client waits 0.01 s to 1 s between them, about 4 s in all,"
            " before a broker that is away is an error",
            source="redis-py, redis/_defaults.py and Redis.__init__",
            is_default=True,
        ),
        Setting(
            name="socket_timeout, socket_connect_timeout",
            value=f"{connected.socket_timeout} s, {connected.socket_connect_timeout} s",
            why="how long a client waits for a broker that hangs, before it tries again; RQ raises"
            f" the first to {DEFAULT.connection_timeout} s or more in its workers, which block",
            source="redis-py, redis/_defaults.py; rq/worker/base.py, _set_connection",
            is_default=True,
        ),
    )
