"""Celery's worker: a pool of processes, each of which does one step at a time."""

import socket
from typing import Any

from celery import Celery

from after202.kernel.model import DEDUPLICATED, DOCUMENTED, Job, Setting, Variant
from workers.perform import CLAIMED, perform, perform_once
from workers.settings import settings

VISIBILITY_TIMEOUT_S, DEFAULT_VISIBILITY_TIMEOUT_S = 8, 3600
SWEEP_S, DEFAULT_SWEEP_S = 1, 100
RETRIES, SOCKET_TIMEOUT_S = 3, 5
PING_S = 5.0
# What a careful user sets, and why.
HARDENED_CONF: dict[str, tuple[Any, str]] = {
    "task_acks_late": (True, "a message is acknowledged when its work is done, not before"),
    "task_reject_on_worker_lost": (
        True,
        "handed out again at once if its process is killed; late acknowledgement alone loses it",
    ),
    "worker_prefetch_multiplier": (1, "a worker that dies holds few messages besides its own"),
    "broker_transport_options": (
        {
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "unacked_restore_interval": SWEEP_S,
            "unacked_restore_throttle": 1,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": 2,
        },
        "handed out again soon, not after 1 h; a broker that hangs is an error, not a wait",
    ),
}
app = Celery("after202", broker=settings().broker_url)
app.conf.task_default_queue = settings().queue
hardened = settings().variant != DOCUMENTED
if hardened:
    app.conf.update({name: value for name, (value, _) in HARDENED_CONF.items()})
retries: dict[str, Any] = {
    "autoretry_for": (Exception,),
    "retry_kwargs": {"max_retries": RETRIES, "countdown": 0},
}


@app.task(name="perform_step", **(retries if hardened else {}))
def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    job = Job.model_validate(message)
    if settings().variant == DEDUPLICATED:
        perform_once(job, step)
    else:
        perform(job, step)


def run() -> None:
    """Work until told to stop."""
    app.worker_main(["worker", f"--concurrency={settings().slots}", "--without-mingle"])


def is_heard_of() -> bool:
    """Say whether this host's worker answers."""
    return bool(app.control.ping([f"celery@{socket.gethostname()}"], timeout=PING_S))


HARDENED_SETTINGS = (
    *(
        Setting(
            name=name,
            value=str(value),
            why=why,
            source="docs.celeryq.dev, Configuration and defaults; Using Redis",
        )
        for name, (value, why) in HARDENED_CONF.items()
    ),
    Setting(
        name="autoretry_for, max_retries",
        value=f"Exception, {RETRIES}",
        why="a job that raises is tried again (countdown 0: the episodes are short)",
        source="docs.celeryq.dev, Tasks, Automatic retry for known exceptions",
    ),
)
REDELIVERY_S = VISIBILITY_TIMEOUT_S + SWEEP_S
VARIANTS = {
    "documented": Variant(redelivery_s=DEFAULT_VISIBILITY_TIMEOUT_S + DEFAULT_SWEEP_S),
    "hardened": Variant(settings=HARDENED_SETTINGS, redelivery_s=REDELIVERY_S),
    "deduplicated": Variant(settings=(*HARDENED_SETTINGS, CLAIMED), redelivery_s=REDELIVERY_S),
}
SETTINGS = (
    Setting(
        name="--concurrency",
        value=str(settings().slots),
        why="the slots, the same for every queue (default: one per core)",
        source="docs.celeryq.dev, Workers Guide, Concurrency",
    ),
    Setting(
        name="task_default_queue",
        value=settings().queue,
        why="a queue name of its own for every trial",
        source="docs.celeryq.dev, Configuration and defaults",
    ),
    Setting(
        name="--without-mingle",
        value="set",
        why="saves a second of start-up, which is not measured; there is one worker",
        source="celery worker --help",
    ),
)
