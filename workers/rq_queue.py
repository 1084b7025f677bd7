"""RQ's workers: a pool of them, each of which forks a process for every step."""

from functools import cache
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer
from rq.worker_pool import WorkerPool

from bench.model import Job, Setting
from workers.perform import perform
from workers.settings import settings

RESULT_TTL_S = 0
SIMPLE_WORKER = "simple_worker"


@cache
def queue() -> Queue:
    """Return the queue, with JSON for its messages."""
    connection = Redis.from_url(settings().broker_url)
    return Queue(settings().queue, connection=connection, serializer=JSONSerializer)


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def run() -> None:
    """Work until told to stop."""
    WorkerPool(
        [queue()],
        connection=queue().connection,
        num_workers=settings().slots,
        serializer=JSONSerializer,
        worker_class=SimpleWorker if settings().variant == SIMPLE_WORKER else Worker,
    ).start(logging_level="WARNING")


VARIANTS = {
    "documented": (),
    "simple_worker": (
        Setting(
            name="worker_class",
            value="SimpleWorker",
            why="no fork for each job; one that crashes takes the worker along",
            source="python-rq.org/docs/workers, Performance Notes",
        ),
    ),
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
    Setting(
        name="result_ttl",
        value=f"{RESULT_TTL_S} s",
        why="nobody reads results, and Celery keeps none without a result backend (default: 500 s)",
        source="python-rq.org/docs/results",
    ),
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
