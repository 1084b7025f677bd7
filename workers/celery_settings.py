"""What Celery's variants set, and why."""

import socket
from collections.abc import Mapping
from typing import Any

from after202.kernel.model import Setting, Wiring
from workers.grace import long_grace

# Values of Celery's configuration by name, each with the reason for it.
Conf = Mapping[str, tuple[Any, str]]
CONFIGURATION = "docs.celeryq.dev, Configuration and defaults; Using Redis"

VISIBILITY_TIMEOUT_S, DEFAULT_VISIBILITY_TIMEOUT_S = 8, 3600
SWEEP_S, DEFAULT_SWEEP_S = 1, 100
RETRIES, SOCKET_TIMEOUT_S = 3, 5
REDELIVERY_S = VISIBILITY_TIMEOUT_S + SWEEP_S
DEFAULT_REDELIVERY_S = DEFAULT_VISIBILITY_TIMEOUT_S + DEFAULT_SWEEP_S

SOFT_SHUTDOWN_S = 2.0

_IN_THREE_PLACES = "as Using Redis requires, the visibility timeout is the same in three settings"


def visibility(options: Mapping[str, Any], why: str) -> Conf:
    """Return the visibility timeout in each of the three places, with further transport options."""
    timeout = {"visibility_timeout": VISIBILITY_TIMEOUT_S}
    return {
        "broker_transport_options": ({**timeout, **options}, why),
        "result_backend_transport_options": (timeout, _IN_THREE_PLACES),
        "visibility_timeout": (VISIBILITY_TIMEOUT_S, _IN_THREE_PLACES),
    }


# What a careful user sets, and why, whatever the broker is.
CAREFUL_CONF: Conf = {
    "task_acks_late": (True, "a message is acknowledged after its work is done, not before"),
    "task_reject_on_worker_lost": (
        True,
        "redelivers a message if its process is killed; late acknowledgement alone loses it",
    ),
    "worker_prefetch_multiplier": (
        1,
        (
            "with late acknowledgement, a worker holds only the messages that its processes are"
            " working on: none is fetched ahead, so none waits behind a worker that dies"
        ),
    ),
    "worker_soft_shutdown_timeout": (
        SOFT_SHUTDOWN_S,
        (
            "a worker that is told to end goes on with its tasks for this long, four times a usual"
            " job here, and then hands back what is not done; it must fit into a deploy's grace"
        ),
    ),
}
HARDENED_CONF: Conf = {
    **CAREFUL_CONF,
    **visibility(
        {
            "unacked_restore_interval": SWEEP_S,
            "unacked_restore_throttle": 1,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": 2,
        },
        "redelivers in seconds, not after 1 h; a broker that hangs is an error, not a wait",
    ),
}
REMAP = Setting(
    name="REMAP_SIGTERM",
    value="SIGQUIT",
    why="TERM begins the soft shutdown; without it a worker waits for its tasks without a limit,"
    " and what it does when the grace ends is redelivered only after the visibility timeout",
    source="docs.celeryq.dev, Workers Guide, Soft shutdown",
)
NO_PREFETCH_CONF: Conf = {
    "worker_disable_prefetch": (
        True,
        (
            "a worker fetches a message only when one of its processes is free, so one that dies"
            " strands nothing that it had fetched ahead; late acknowledgement with multiplier 1 has"
            " the same effect, so the hardened variant does not need it"
        ),
    ),
}
SHORT_VISIBILITY_CONF = visibility(
    {},
    "as documented, but what a dead worker held is redelivered soon enough to be waited for",
)


def settings_of(conf: Conf) -> tuple[Setting, ...]:
    """Return the configuration as settings."""
    return tuple(
        Setting(name=name, value=str(value), why=why, source=CONFIGURATION)
        for name, (value, why) in conf.items()
    )


RETRIED = Setting(
    name="autoretry_for, max_retries",
    value=f"Exception, {RETRIES}",
    why="a job that raises is retried, without delay because episodes are short",
    source="docs.celeryq.dev, Tasks, Automatic retry for known exceptions",
)
GRACE = long_grace(
    "on TERM a worker goes on with its tasks, and then hands back what is not done",
    "docs.celeryq.dev, Workers Guide, Stopping the worker",
)


GROUP = Setting(
    name="group",
    value="the job's steps in one call",
    why="the messages of a job are sent over one connection, one after the other, by one call; each"
    " is fetched, retried and redelivered on its own; ordered steps are a chain, as documented",
    source="docs.celeryq.dev, Canvas, Groups",
)


def own_names(queue: str) -> dict[str, str]:
    """Return the transport options that keep the unacknowledged messages under a name of our own.

    Under the default names, a worker would also redeliver what other applications' workers hold.
    """
    names = ("unacked", "unacked_index", "unacked_mutex")
    return {f"{name}_key": f"{queue}.{name}" for name in names}


def node(wiring: Wiring) -> str:
    """Return the worker's name, which is different in each trial and on each host."""
    return f"{wiring.queue}@{socket.gethostname()}"


def common_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants on Redis share."""
    return (
        *shared_settings(wiring),
        Setting(
            name="unacked_key, unacked_index_key, unacked_mutex_key",
            value=", ".join(own_names(wiring.queue).values()),
            why="under the default names a worker also redelivers what other applications' workers"
            " hold in the same database",
            source="kombu.transport.redis, Transport Options",
        ),
    )


def shared_settings(wiring: Wiring) -> tuple[Setting, ...]:
    """Return the settings that all variants share, whatever the broker is."""
    return (
        Setting(
            name="--concurrency",
            value=str(wiring.slots),
            why="the number of slots, the same for every queue (default: one per core)",
            source="docs.celeryq.dev, Workers Guide, Concurrency",
        ),
        Setting(
            name="task_default_queue",
            value=wiring.queue,
            why="each trial has its own queue name, so trials cannot share messages",
            source="docs.celeryq.dev, Configuration and defaults",
        ),
        Setting(
            name="--hostname, event_queue_prefix",
            value=f"{node(wiring)}, {wiring.queue}",
            why="each trial's worker has its own names, so no other worker answers in its place",
            source="docs.celeryq.dev, Workers Guide; Configuration and defaults",
        ),
        Setting(
            name="--without-mingle",
            value="set",
            why="saves a second of start-up, which is not measured; a single worker has no others"
            " to synchronise with",
            source="celery worker --help",
        ),
    )
