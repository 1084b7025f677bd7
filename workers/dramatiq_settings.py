"""What Dramatiq's variants set, which of its defaults their figures depend on, and why."""

import dramatiq
from dramatiq.brokers.redis import (
    DEFAULT_DEAD_MESSAGE_TTL,
    DEFAULT_MAINTENANCE_CHANCE,
    MAINTENANCE_SCALE,
)
from dramatiq.middleware import ShutdownNotifications, TimeLimit
from dramatiq.worker import WORKER_TIMEOUT

from after202.kernel.model import Setting, Wiring
from workers.dramatiq_overrides import ACTOR_OPTIONS, BROKER_OPTIONS, MS, USUAL, Conf
from workers.grace import STOP_GRACE_S, long_grace
from workers.redis_client import client_defaults, connection

SOURCES = {
    **dict.fromkeys(BROKER_OPTIONS, "dramatiq.io/reference, RedisBroker"),
    **dict.fromkeys(ACTOR_OPTIONS, "dramatiq.io/guide, Message Retries; reference, Retries"),
}
HEARTBEAT_TIMEOUT_S, RETRIED_TIMES, BACKOFF_MS = 8, 3, 100
# How long a worker waits for its actors, so that it can hand back what it has fetched before KILL.
SHUTDOWN_S = STOP_GRACE_S - 10

HARDENED_CONF: Conf = {
    "heartbeat_timeout": (
        HEARTBEAT_TIMEOUT_S * MS,
        (
            "what a dead worker held is redelivered in seconds; a live one asks for messages, or"
            " for delayed ones alone while its threads are busy, at least every"
            f" {WORKER_TIMEOUT / MS:g} s, and each time it asks is a heartbeat"
        ),
    ),
    "maintenance_chance": (
        MAINTENANCE_SCALE,
        (
            "every command looks for dead workers, not one in"
            f" {MAINTENANCE_SCALE // DEFAULT_MAINTENANCE_CHANCE} by chance: an idle queue has few"
            " commands, so what a dead worker held would come back after minutes, or an hour"
        ),
    ),
    "max_retries": (
        RETRIED_TIMES,
        (
            "a job that goes on raising is dead-lettered, where it can be seen, after"
            f" {RETRIED_TIMES + 1} tries, not after {USUAL.max_retries + 1}"
        ),
    ),
    "min_backoff": (
        BACKOFF_MS,
        (
            "the first retry comes after 0.1 s to 0.2 s, not after 15 s to 30 s, because episodes"
            " are short"
        ),
    ),
}


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the options as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=SOURCES[name])
        for name, (value, why) in conf.items()
    )


PREFETCH = Setting(
    name="dramatiq_queue_prefetch",
    value="the number of threads",
    why="a worker holds only the messages that its threads are working on: none waits behind a"
    " worker that dies; without it, a worker holds twice as many. In-progress messages count, so a"
    " lower value would leave threads idle",
    source="dramatiq.io/advanced, Prefetch Limits; dramatiq/worker.py",
)
SHUTDOWN = Setting(
    name="--worker-shutdown-timeout",
    value=f"{SHUTDOWN_S * MS:.0f}",
    why="a worker hands back what it has fetched and not begun only after its actors have ended, or"
    " this time-out; by default it waits for 10 minutes, and KILL comes first",
    source="dramatiq --help; dramatiq/worker.py, Worker.stop",
)
GRACE = long_grace(
    "on TERM a worker finishes the jobs that it is doing, and hands back the others",
    "dramatiq.io/advanced, Signals",
)


def shape(processes: int, threads: int) -> Setting:
    """Return the setting of how many processes and threads do the work."""
    shared = (
        "a process asks for messages once for all its threads, which share its interpreter lock"
        if processes == 1
        else "each job has an interpreter of its own, as with Celery and RQ, and each process asks"
        " for messages"
    )
    return Setting(
        name="--processes, --threads",
        value=f"{processes}, {threads}",
        why="processes x threads are the slots, the same for every queue; without the options there"
        f" are 8 threads in one process per core; {shared}",
        source="dramatiq.io/guide, Workers; dramatiq --help",
    )


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, and the defaults that they leave as they are."""
    return (
        Setting(
            name="client",
            value="redis.Redis",
            why="made as RedisBroker(host=...) makes it, which retries; RedisBroker(url=...) would"
            " make one that never does",
            source="dramatiq.io/guide, Redis Broker; dramatiq/brokers/redis.py",
        ),
        Setting(
            name="namespace",
            value=wiring.queue,
            why="each trial's keys have a prefix of their own, so trials cannot share messages, nor"
            " take each other's workers for dead",
            source="dramatiq.io/reference, RedisBroker",
        ),
        Setting(
            name="--skip-logging",
            value="set",
            why="every server and worker logs at the same level: warnings and errors",
            source="dramatiq --help",
        ),
        *_defaults(),
        *client_defaults(
            connection(wiring.broker_url),
            "Dramatiq tries again for as long as it takes if the connection is lost, but takes a"
            " time-out for an unexpected error",
        ),
    )


def _defaults() -> tuple[Setting, ...]:
    """Return the defaults of Dramatiq that speed and survival depend on."""
    return (
        Setting(
            name="Dramatiq",
            value=dramatiq.__version__,
            why="the version that this strategy runs with, in an environment of its own",
            source="dramatiq.__version__",
            is_default=True,
        ),
        Setting(
            name="encoder",
            value=type(dramatiq.get_encoder()).__name__,
            why="messages are readable in any language, and decoding one loads no pickle",
            source="dramatiq.io/reference, Encoders",
            is_default=True,
        ),
        Setting(
            name="dramatiq_worker_timeout",
            value=f"{WORKER_TIMEOUT} ms",
            why="with Redis a worker asks for messages again and again, ever less often while there"
            " are none, until it waits for half of this to all of it: a job that comes to an idle"
            " worker waits for as long as that",
            source="dramatiq/brokers/redis.py; dramatiq/worker.py",
            is_default=True,
        ),
        Setting(
            name="dead_message_ttl",
            value=f"{DEFAULT_DEAD_MESSAGE_TTL // (24 * 3600 * MS)} days",
            why="how long a message that has failed for good is kept in its dead-letter queue",
            source="dramatiq.io/reference, RedisBroker",
            is_default=True,
        ),
        Setting(
            name="time_limit",
            value=f"{TimeLimit().time_limit / MS:g} s",
            why="an actor that takes longer is interrupted, and retried; no job here does",
            source="dramatiq.io/guide, Message Time Limits",
            is_default=True,
        ),
        Setting(
            name="notify_shutdown",
            value=str(ShutdownNotifications().notify_shutdown),
            why="an actor is not interrupted when its worker is told to end: it is waited for",
            source="dramatiq.io/reference, ShutdownNotifications",
            is_default=True,
        ),
        Setting(
            name="results",
            value="none",
            why="no results backend is set up: what an actor returns is stored nowhere",
            source="dramatiq.io/guide, Message Results",
            is_default=True,
        ),
    )
