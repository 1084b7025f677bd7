"""RQ: a pool of workers, each of which forks a process for every step."""

import socket
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from redis import Redis
from rq import Queue, Retry, SimpleWorker, Worker
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job as Message
from rq.scheduler import SCHEDULER_KEY_TEMPLATE
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from rq.worker_pool import WorkerPool
from rq.worker_registration import unregister

from after202.kernel.model import HARNESS, Job, Look, Setting, Wiring
from workers.grace import STOP_GRACE_S
from workers.perform import CLAIMED, ONE_MESSAGE, perform, perform_all, perform_once
from workers.rq_refusal import ForeignMessageError, OwnMessage
from workers.rq_settings import (
    ENQUEUE_MANY,
    HARDENED_SETTINGS,
    NEXT_CLEAN_UP_S,
    NO_RESULTS,
    ONE_PROCESS,
    REDELIVERY_S,
    RETRIES,
    TIMEOUTS_S,
    HardenedWorker,
)
from workers.settings import settings

LOOK_S = 3.0
# The worker logs this when it refuses a task that is not ours.
FOREIGN_MESSAGE = ForeignMessageError.__name__


def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    perform_all(Job.model_validate(message))


def perform_step_once(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set RQ up: the function that does a step, or a job, and the worker.

    `result_ttl_s` is how long a result is kept, in seconds; None leaves that to RQ.
    """

    redelivery_s: float
    settings: tuple[Setting, ...]
    task: Any = perform_step
    worker: type[BaseWorker] = Worker
    result_ttl_s: int | None = None
    retry: Retry | None = None
    timeouts_s: tuple[tuple[str, int], ...] = ()
    stop_grace_s: float | None = None


DOCUMENTED = Setup(NEXT_CLEAN_UP_S, (NO_RESULTS,), result_ttl_s=0)
SIMPLE_WORKER = Setup(
    NEXT_CLEAN_UP_S, (NO_RESULTS, ONE_PROCESS), worker=SimpleWorker, result_ttl_s=0
)
ONE_JOB = Setup(NEXT_CLEAN_UP_S, (NO_RESULTS, ONE_MESSAGE), task=perform_job, result_ttl_s=0)
MANY = Setup(NEXT_CLEAN_UP_S, (NO_RESULTS, ENQUEUE_MANY), result_ttl_s=0)
HARDENED = Setup(
    REDELIVERY_S,
    HARDENED_SETTINGS,
    worker=HardenedWorker,
    retry=Retry(max=RETRIES),
    timeouts_s=tuple(TIMEOUTS_S.items()),
    stop_grace_s=STOP_GRACE_S,
)
DEDUPLICATED = Setup(
    REDELIVERY_S,
    (*HARDENED_SETTINGS, CLAIMED),
    task=perform_step_once,
    worker=HardenedWorker,
    retry=Retry(max=RETRIES),
    timeouts_s=tuple(TIMEOUTS_S.items()),
    stop_grace_s=STOP_GRACE_S,
)
SETUPS = {
    "documented": DOCUMENTED,
    "one_message": ONE_JOB,
    "batched": MANY,
    "simple_worker": SIMPLE_WORKER,
    "hardened": HARDENED,
    "deduplicated": DEDUPLICATED,
}


@cache
def queue() -> Queue:
    """Return this process's queue, whose messages are JSON."""
    own = settings()
    connection = Redis.from_url(own.broker_url, **dict(SETUPS[own.variant].timeouts_s))
    return Queue(own.queue, connection=connection, serializer=JSONSerializer)


def run() -> None:
    """Work until told to stop."""
    # The pool does not hand a queue's class on to its workers, so all queues take this one.
    Queue.job_class = OwnMessage
    WorkerPool(
        [queue()],
        connection=queue().connection,
        num_workers=settings().slots,
        serializer=JSONSerializer,
        job_class=OwnMessage,
        worker_class=SETUPS[settings().variant].worker,
    ).start(logging_level="WARNING")


def is_heard_of() -> bool:
    """Return whether all of this host's workers are registered."""
    own = [w for w in Worker.all(queue=queue()) if w.hostname == socket.gethostname()]
    return len(own) >= settings().slots


def _own_queue(wiring: Wiring) -> Queue:
    """Return a trial's queue, for a look from outside."""
    connection = Redis.from_url(
        wiring.broker_url, socket_timeout=LOOK_S, socket_connect_timeout=LOOK_S, client_name=HARNESS
    )
    return Queue(wiring.queue, connection=connection, serializer=JSONSerializer)


def forget(wiring: Wiring) -> None:
    """Delete the queue, its jobs and its workers from a broker that others use too."""
    own = _own_queue(wiring)
    with own.connection:
        registries = (
            own.finished_job_registry, own.failed_job_registry, own.started_job_registry,
            own.deferred_job_registry, own.scheduled_job_registry, own.canceled_job_registry,
        )  # fmt: skip
        for registry in registries:
            for message in _messages(own, registry.get_job_ids(cleanup=False)):
                message.delete(delete_dependents=True)
        own.delete(delete_jobs=True)
        for worker in Worker.all(queue=own):
            unregister(worker)
            own.connection.delete(worker.key)
        for key in own.connection.scan_iter(SCHEDULER_KEY_TEMPLATE % "*"):
            if own.connection.hget(key, "queues") == own.name.encode():
                own.connection.delete(key)


def held(wiring: Wiring) -> Look | None:
    """Return the jobs in the queue, in transit to a worker, and in the registries.

    None if the broker does not answer.
    """
    own = _own_queue(wiring)
    try:
        with own.connection as connection:
            places = {
                "queue": own.get_job_ids(),
                "intermediate": IntermediateQueue(own.key, connection).get_job_ids(),
                "deferred": own.deferred_job_registry.get_job_ids(cleanup=False),
                "scheduled": own.scheduled_job_registry.get_job_ids(cleanup=False),
                "started": own.started_job_registry.get_job_ids(cleanup=False),
            }
            found = {job_id: place for place, ids in places.items() for job_id in _jobs(own, ids)}
            failed = _jobs(own, own.failed_job_registry.get_job_ids(cleanup=False))
    except redis.RedisError:
        return None
    return Look(held=found, failed=dict.fromkeys(failed, "failed registry"))


def _jobs(queue_: Queue, ids: list[str]) -> list[str]:
    """Return the job ids of messages, which are in their first argument."""
    return [message.args[0]["id"] for message in _messages(queue_, ids)]


def _messages(queue_: Queue, ids: list[str]) -> list[Message]:
    """Return messages by their ids, except those that have expired."""
    found = Message.fetch_many(ids, queue_.connection, serializer=JSONSerializer)
    return [message for message in found if message is not None]
