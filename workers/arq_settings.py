"""What arq's variants set, which of its defaults their figures depend on, and why."""

from collections.abc import Mapping
from importlib import metadata

from after202.kernel.model import Setting, Wiring
from after202.kernel.overrides import Scalar
from workers.grace import long_grace

# Arguments of arq's Worker by name, each with the reason for it.
Conf = Mapping[str, tuple[Scalar, str]]
DOCS = "arq-docs.helpmanual.io"
WORKER = f"{DOCS}, Reference, arq.worker.Worker"

# arq's own, of those that a profile may set.
POLL, TIMEOUT, TRIES, WAIT = "poll_delay", "job_timeout", "max_tries", "job_completion_wait"
DEFAULTS: Mapping[str, Scalar] = {POLL: 0.5, TIMEOUT: 300, TRIES: 5, WAIT: 0}
# How much longer than `job_timeout` the key lives that keeps others from a job: arq adds it.
IN_PROGRESS_EXTRA_S = 10
SHORT_POLL_S = 0.02
JOB_TIMEOUT_S, COMPLETION_WAIT_S = 15, 20
ENQUEUE_TIMEOUT_S = 5.0
BACKOFF_S, BACKOFF_CAP_S, CONNECTION_RETRIES = 0.05, 1.0, 5

HARDENED_CONF: Conf = {
    TIMEOUT: (
        JOB_TIMEOUT_S,
        (
            "in s: longer than the longest job, for a job that exceeds it is cancelled and failed."
            f" What a dead worker held is left alone for this and {IN_PROGRESS_EXTRA_S} s, instead"
            f" of 310 s (arq#402, arq#407: there is no heartbeat)"
        ),
    ),
    WAIT: (
        COMPLETION_WAIT_S,
        (
            "in s: on TERM a worker starts nothing more and goes on with its jobs for this long;"
            " by default it cancels them at once, and they are done again"
        ),
    ),
}
SHORT_POLL_CONF: Conf = {
    POLL: (
        SHORT_POLL_S,
        (
            "in s: a worker looks for jobs 50 times a second instead of twice, at the cost of as"
            " many more commands while the queue is empty"
        ),
    ),
}


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the worker's arguments as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=WORKER)
        for name, (value, why) in conf.items()
    )


POLLED = Setting(
    name=POLL,
    value=f"{DEFAULTS[POLL]} s",
    why="a worker looks for jobs twice a second, and starts about as many as it has slots free."
    " What ends between two looks leaves its slot empty until the next, so a slot does about two"
    " jobs a second, however short they are, and every job waits for a look",
    source=f"{WORKER}; arq/worker.py, Worker.start_jobs",
    is_default=True,
)
HELD_LONG = Setting(
    name=TIMEOUT,
    value=f"{DEFAULTS[TIMEOUT]} s",
    why="a job in progress has a key that expires 10 s after this; until then no other worker takes"
    " it, even if the one that did is dead",
    source=f"{WORKER}; arq/worker.py, in_progress_timeout_s",
    is_default=True,
)
CANCELLED = Setting(
    name=WAIT,
    value="0 s",
    why="on TERM a worker cancels its jobs and ends; they stay in the queue and are done again from"
    " their beginning, so jobs must bear being done more than once",
    source=f"{DOCS}, Usage: Jobs may be called more than once!",
    is_default=True,
)
NOT_RETRIED = Setting(
    name="retries",
    value="none for a job that raises",
    why="arq tries a job again if it was cancelled or if it raises arq.Retry; any other exception"
    " fails it for good, and its result is kept for an hour",
    source=f"{DOCS}, Retrying jobs and cancellation",
    is_default=True,
)
RETRIED = Setting(
    name="arq.Retry",
    value="raised for any exception, without a delay",
    why="a job that raises is tried again, up to max_tries times in all, at the next look; the last"
    " time its own exception goes through. Without delay because episodes are short",
    source=f"{DOCS}, Retrying jobs and cancellation",
)
RECONNECTING = Setting(
    name="RedisSettings.retry, retry_on_error",
    value=f"ExponentialBackoff, {CONNECTION_RETRIES} times; ConnectionError, TimeoutError",
    why="a short outage of the broker is retried for about 1.5 s. By default nothing is: a worker"
    " that cannot look for jobs ends, and its supervisor starts it again",
    source=f"{DOCS}, Reference, arq.connections.RedisSettings",
)
ENQUEUED_IN_TIME = Setting(
    name="asyncio.timeout around enqueue_job",
    value=f"{ENQUEUE_TIMEOUT_S:g} s",
    why="a broker that hangs is an error: arq sets a time-out for connecting (1 s), but none for"
    " commands, and RedisSettings has no argument for one",
    source="arq/connections.py, create_pool; docs.python.org/3/library/asyncio-task.html",
)
GRACE = long_grace(
    f"on TERM a worker goes on with its jobs for {COMPLETION_WAIT_S} s (job_completion_wait)",
    WORKER,
)


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="max_jobs",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue: tasks of one process's event loop"
            " (default: 10)",
            source=WORKER,
        ),
        Setting(
            name="job_serializer, job_deserializer",
            value="JSON",
            why="arq's default is pickle, and decoding a pickle runs the code of whoever can write"
            " to the broker; JSON is readable in any language. An exception is kept as its text",
            source=f"{DOCS}, Custom job serializers",
        ),
        Setting(
            name="queue_name",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source=WORKER,
        ),
        Setting(
            name="_job_id",
            value=f"{wiring.queue}:JOB:STEP",
            why="arq's keys for jobs have no queue in theirs; so they have, and whose they are can"
            " be told without decoding them. arq also refuses to enqueue the same id twice",
            source=f"{DOCS}, Job Uniqueness",
        ),
        Setting(
            name="ordered steps",
            value="one job for all",
            why="arq has no chains: one job does the steps in turn. It is redelivered and retried"
            " as a whole, so steps that were done are done again",
            source=f"{DOCS}, Usage",
        ),
        Setting(
            name="logging level",
            value="WARNING",
            why="every server and worker logs at the same level: warnings and errors",
            source="arq/logs.py",
        ),
        Setting(
            name=TRIES,
            value=str(DEFAULTS[TRIES]),
            why="how often a job is begun in all, interruptions included; then it has failed, and"
            " its result says so",
            source=WORKER,
            is_default=True,
        ),
        Setting(
            name="keep_result",
            value="3600 s",
            why="arq keeps what a job returned, although nothing reads it here",
            source=WORKER,
            is_default=True,
        ),
        Setting(
            name="arq, redis-py, hiredis",
            value=", ".join(metadata.version(name) for name in ("arq", "redis", "hiredis")),
            why="the versions that this strategy runs with, in an environment of its own, because"
            " arq needs redis < 6",
            source="requirements/strategies/arq_queue.txt; arq's metadata, Requires-Dist",
            is_default=True,
        ),
    )
