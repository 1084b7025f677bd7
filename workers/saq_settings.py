"""What SAQ's variants set, which of its defaults their figures depend on, and why."""

from collections.abc import Mapping
from importlib import metadata

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers.grace import long_grace

# Properties of a job and arguments of the worker by name, each with the reason for it.
Conf = Mapping[str, tuple[Scalar, str]]
DOCS = "saq-py.readthedocs.io"
JOB, WORKER = f"{DOCS}, Job", f"{DOCS}, Worker"

TIMEOUT, RETRIES, SWEEP, INFO = "timeout", "retries", "timers.sweep", "timers.worker_info"
GRACE_PERIOD, DEQUEUE = "shutdown_grace_period_s", "dequeue_timeout"
DEFAULTS: Mapping[str, Scalar] = {
    TIMEOUT: 10, RETRIES: 1, SWEEP: 60, INFO: 10, GRACE_PERIOD: 0, DEQUEUE: 0.0,
}  # fmt: skip
OF_A_JOB = (TIMEOUT, RETRIES)
# How long a sweep waits for a stuck job to end after it told it to: `sweep(abort=5.0)`.
ABORT_S = 5.0
TIMEOUT_S, TRIES, SWEEP_S, WAIT_S = 15, 4, 5, 20
ENQUEUE_TIMEOUT_S = 5.0

HARDENED_CONF: Conf = {
    TIMEOUT: (
        TIMEOUT_S,
        (
            "in s: longer than the longest job, for a job that exceeds it is cancelled; one whose"
            " worker is dead counts as stuck when it has passed. Without heartbeats, which a job"
            " would have to send itself, nothing tells it sooner"
        ),
    ),
    RETRIES: (
        TRIES,
        "how often a job runs in all: one that raises, or is stuck, is tried again without a delay",
    ),
    SWEEP: (
        SWEEP_S,
        (
            f"in s: a worker looks for stuck jobs this often instead of every {DEFAULTS[SWEEP]} s."
            " Not oftener, because each look may also hit a job that was fetched a moment ago"
        ),
    ),
    GRACE_PERIOD: (
        WAIT_S,
        (
            "in s: on TERM a worker goes on with its jobs for this long; by default it cancels them"
            " and puts them back into the queue, so they are done again"
        ),
    ),
    DEQUEUE: (
        1.0,
        (
            "in s: a worker that has been told to stop waits for all of its tasks, those that wait"
            " for a message too, which by default never end by themselves"
        ),
    ),
    INFO: (1, "in s: it waits for this task as well, which sleeps 10 s by default"),
}
NOT_RETRIED = (
    Setting(
        name=RETRIES,
        value=str(DEFAULTS[RETRIES]),
        why="how often a job runs in all: a job that raises has failed; so has one whose worker"
        " died, when a sweep finds it (aborted). Both are kept for 10 min (ttl)",
        source=JOB,
        is_default=True,
    ),
    Setting(
        name=f"{TIMEOUT}, {SWEEP}",
        value=f"{DEFAULTS[TIMEOUT]} s, {DEFAULTS[SWEEP]} s",
        why="a job that is active for longer than the first is stuck; a worker looks for such jobs"
        " at the second interval, and a lock that lives as long keeps it from looking too soon"
        " after the last look, its predecessor's included",
        source=f"{JOB}; {WORKER}; saq/queue/redis.py, RedisQueue.sweep",
        is_default=True,
    ),
    Setting(
        name=GRACE_PERIOD,
        value="None",
        why="on TERM a worker cancels its jobs and puts them back into the queue, so they are done"
        " again from their beginning",
        source=f"{WORKER}; saq/worker.py, Worker.stop",
        is_default=True,
    ),
)
SWEPT_EARLY = Setting(
    name="sweep of what is not marked yet",
    value="aborts it",
    why="a worker fetches a job with one command and marks it as active with another. A sweep"
    " between the two, such as a worker's first when it starts on a backlog, takes the job for"
    " stuck and aborts it. If it has a try left it is tried again, even if it was done in the"
    " meantime; if not, it counts as aborted",
    source="saq/queue/redis.py, RedisQueue.sweep; saq/worker.py, Worker.process",
    is_default=True,
)
ENQUEUED_IN_TIME = Setting(
    name="asyncio.timeout around enqueue",
    value=f"{ENQUEUE_TIMEOUT_S:g} s",
    why="a broker that hangs is an error: redis-py 7 sets no time-out for commands. The queue's"
    " client is the worker's too, which blocks on it, so a socket_timeout would end its waits",
    source="docs.python.org/3/library/asyncio-task.html; redis-py, redis/asyncio/client.py",
)
GRACE = long_grace(
    f"on TERM a worker goes on with its jobs for up to {WAIT_S} s, and waits for its own upkeep,"
    f" which sleeps for up to {SWEEP_S} s",
    WORKER,
)


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the properties and arguments as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=JOB if name in OF_A_JOB else WORKER)
        for name, (value, why) in conf.items()
    )


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="concurrency",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue: tasks of one process's event loop"
            " (default: 10)",
            source=WORKER,
        ),
        Setting(
            name="dump, load",
            value="json.dumps, json.loads",
            why="messages are readable in any language, and decoding one loads no pickle",
            source=f"{DOCS}, Queue",
            is_default=True,
        ),
        Setting(
            name="name",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source=f"{DOCS}, Queue",
        ),
        Setting(
            name="key",
            value="JOB:STEP",
            why="whose a job is can be told from its key; SAQ also refuses to enqueue a key that is"
            " not done yet",
            source=JOB,
        ),
        Setting(
            name="ordered steps",
            value="one job for all",
            why="SAQ has no chains: one job does the steps in turn. It is redelivered and retried"
            " as a whole, so steps that were done are done again",
            source=f"{DOCS}, Getting Started",
        ),
        Setting(
            name="logging level",
            value="WARNING",
            why="every server and worker logs at the same level: warnings and errors",
            source="saq/runner.py",
            is_default=True,
        ),
        Setting(
            name="saq, redis-py",
            value=", ".join(metadata.version(name) for name in ("saq", "redis")),
            why="the versions that this strategy runs with, in an environment of its own, because"
            " SAQ needs redis < 8",
            source="requirements/strategies/saq_queue.txt; SAQ's metadata, Requires-Dist",
            is_default=True,
        ),
    )
