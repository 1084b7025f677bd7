"""RQ's workers: a pool of them, each of which forks a process for every step."""

import socket
from functools import cache
from typing import Any

from redis import Redis
from rq import Queue, Retry, SimpleWorker, Worker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from rq.worker_pool import WorkerPool

from after202.kernel.model import DEDUPLICATED, HARDENED, Job, Setting, Variant
from workers.perform import CLAIMED, perform, perform_once
from workers.settings import settings

RESULT_TTL_S = 0
SIMPLE_WORKER = "simple_worker"
RETRIES = 3
# A worker waits for a message for its TTL less 15 s, and looks after the registries in between.
WORKER_TTL_S, MONITORING_S, MAINTENANCE_S = 16, 1, 1
TIMEOUTS_S = {"socket_timeout": 5, "socket_connect_timeout": 2}
# What RQ adds to the monitoring interval until a job without a heartbeat counts as abandoned.
HEARTBEAT_MARGIN_S = 60
DEFAULT_WORKER_TTL_S, DEFAULT_MAINTENANCE_S = 420, 600
hardened = settings().variant in {HARDENED, DEDUPLICATED}


class HardenedWorker(Worker):
    """A worker that looks after abandoned jobs often."""

    def __init__(self, queues: list[Queue], **options: Any) -> None:
        """Set the three intervals, which RQ's pool of workers has no options for."""
        intervals = {
            "worker_ttl": WORKER_TTL_S,
            "job_monitoring_interval": MONITORING_S,
            "maintenance_interval": MAINTENANCE_S,
        }
        super().__init__(queues, **{**options, **intervals})


@cache
def queue() -> Queue:
    """Return the queue, with JSON for its messages."""
    connection = Redis.from_url(settings().broker_url, **(TIMEOUTS_S if hardened else {}))
    return Queue(settings().queue, connection=connection, serializer=JSONSerializer)


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    job = Job.model_validate(message)
    if settings().variant == DEDUPLICATED:
        perform_once(job, step)
    else:
        perform(job, step)


def result_ttl_s() -> int | None:
    """Return how long a result is kept; None leaves it to RQ."""
    return None if hardened else RESULT_TTL_S


def retry() -> Retry | None:
    """Return how often a job is tried again; by default it is not."""
    return Retry(max=RETRIES) if hardened else None


def worker_class() -> type[BaseWorker]:
    """Return the variant's kind of worker."""
    if settings().variant == SIMPLE_WORKER:
        return SimpleWorker
    return HardenedWorker if hardened else Worker


def run() -> None:
    """Work until told to stop."""
    WorkerPool(
        [queue()],
        connection=queue().connection,
        num_workers=settings().slots,
        serializer=JSONSerializer,
        worker_class=worker_class(),
    ).start(logging_level="WARNING")


def is_heard_of() -> bool:
    """Say whether this host's workers are all registered."""
    own = [w for w in Worker.all(queue=queue()) if w.hostname == socket.gethostname()]
    return len(own) >= settings().slots


NO_RESULTS = Setting(
    name="result_ttl",
    value=f"{RESULT_TTL_S} s",
    why="nobody reads results, and Celery keeps none without a result backend (default: 500 s)",
    source="python-rq.org/docs/results",
)
HARDENED_SETTINGS = (
    Setting(
        name="retry",
        value=f"Retry(max={RETRIES})",
        why="a job that raises, or whose process died, is tried again",
        source="python-rq.org/docs/exceptions, Retrying Failed Jobs",
    ),
    Setting(
        name="result_ttl",
        value="500 s (the default, not 0 s)",
        why="RQ 2.12 deletes a job with it at once, stumbles over the execution of a worker that"
        " died, takes the job for failed though it is done, and does it again",
        source="rq/job.py, Job.cleanup; docs/guarantees.md",
    ),
    Setting(
        name="worker_ttl, job_monitoring_interval, maintenance_interval",
        value=f"{WORKER_TTL_S} s, {MONITORING_S} s, {MAINTENANCE_S} s",
        why="an idle worker looks up every second, not every 405 s, and then every second for jobs"
        f" whose worker died, not every {DEFAULT_MAINTENANCE_S} s; RQ adds"
        f" {HEARTBEAT_MARGIN_S} s to each heartbeat, which cannot be set",
        source="python-rq.org/docs/workers",
    ),
    Setting(
        name="socket_timeout, socket_connect_timeout",
        value="5 s, 2 s",
        why="a broker that hangs is an error for the client, not a wait",
        source="redis.readthedocs.io, Connection Examples",
    ),
)
REDELIVERY_S = MONITORING_S + HEARTBEAT_MARGIN_S + MAINTENANCE_S + 1
VARIANTS = {
    "documented": Variant(redelivery_s=DEFAULT_WORKER_TTL_S - 15 + DEFAULT_MAINTENANCE_S),
    "simple_worker": Variant(
        settings=(
            Setting(
                name="worker_class",
                value="SimpleWorker",
                why="no fork for each job; one that crashes takes the worker along",
                source="python-rq.org/docs/workers, Performance Notes",
            ),
        ),
        redelivery_s=DEFAULT_WORKER_TTL_S - 15 + DEFAULT_MAINTENANCE_S,
    ),
    "hardened": Variant(settings=HARDENED_SETTINGS, redelivery_s=REDELIVERY_S),
    "deduplicated": Variant(settings=(*HARDENED_SETTINGS, CLAIMED), redelivery_s=REDELIVERY_S),
}
SETTINGS = (
    Setting(
        name="num_workers",
        value=str(settings().slots),
        why="the slots, the same for every queue; an RQ worker does one job at a time",
        source="python-rq.org/docs/workers, Worker Pool",
    ),
    Setting(
        name="serializer",
        value="JSONSerializer",
        why="no pickle: whoever can write to the broker could run code in the worker",
        source="python-rq.org/docs, Job Serializers",
    ),
    *(() if hardened else (NO_RESULTS,)),
    Setting(
        name="queue",
        value=settings().queue,
        why="a queue name of its own for every trial",
        source="python-rq.org/docs",
    ),
    Setting(
        name="logging_level",
        value="WARNING",
        why="one convention for all: servers and workers log warnings and errors",
        source="python-rq.org/docs/workers",
    ),
)
