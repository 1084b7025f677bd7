"""Which of RQ's settings a profile may override, and what follows from another value."""

from collections.abc import Mapping

from redis import Redis
from rq import Retry, Worker
from rq.job import Job as Message
from rq.worker import BaseWorker

from workers.options import values_of
from workers.rq_workers import tuned

# Options of a variant by name, each with the reason for it.
Conf = Mapping[str, tuple[int, str]]
INTERVALS = ("worker_ttl", "job_monitoring_interval", "maintenance_interval")
RETRIES = "retry_max"


def idle(worker_class: type[BaseWorker]) -> BaseWorker:
    """Return a worker that has no queue and connects to nothing: its intervals can be read."""
    return worker_class([], connection=Redis(), prepare_for_work=False)


# What RQ has by itself.
DEFAULT = idle(Worker)
DEFAULTS: Mapping[str, int] = {**{name: getattr(DEFAULT, name) for name in INTERVALS}, RETRIES: 0}


def worker_of(kind: type[BaseWorker], conf: Conf) -> type[BaseWorker]:
    """Return that kind of worker with the options' intervals."""
    return tuned(kind, values_of(conf, INTERVALS))


def retry_of(conf: Conf) -> Retry | None:
    """Return how often a message is retried; None if it is not."""
    times = conf[RETRIES][0] if RETRIES in conf else 0
    return Retry(max=times) if times else None


def heartbeat_s(worker: BaseWorker) -> int:
    """Return how long after its last heartbeat a job counts as abandoned."""
    return worker.get_heartbeat_ttl(Message(connection=Redis()))


def redelivery_s(worker_class: type[BaseWorker]) -> float:
    """Return how long an abandoned job waits at most: it expires, and then a worker looks.

    A worker looks when the interval is over and it wakes, which it does when its wait for a
    message ends.
    """
    worker = idle(worker_class)
    return heartbeat_s(worker) + worker.maintenance_interval + worker.dequeue_timeout
