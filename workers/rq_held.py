"""What RQ's queue still holds, read from outside, and how a queue is deleted."""

import redis
from redis import Redis
from rq import Queue, Worker
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job as Message
from rq.registry import BaseRegistry
from rq.scheduler import SCHEDULER_KEY_TEMPLATE
from rq.serializers import JSONSerializer
from rq.worker_registration import unregister

from after202.kernel.model import HARNESS, Look, Wiring

LOOK_S = 3.0
# Where a message waits for its turn. RQ 2 has no registry of the ready ones.
WAITING = ("deferred", "ready", "scheduled", "started")
DONE_WITH = ("finished", "failed", "canceled")


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
                **{name: _ids(one) for name, one in _registries(own, WAITING).items()},
            }
            found = {job_id: place for place, ids in places.items() for job_id in _jobs(own, ids)}
            failed = _jobs(own, _ids(own.failed_job_registry))
    except redis.RedisError:
        return None
    return Look(held=found, failed=dict.fromkeys(failed, "failed registry"))


def forget(wiring: Wiring) -> None:
    """Delete the queue, its jobs and its workers from a broker that others use too."""
    own = _own_queue(wiring)
    with own.connection:
        for registry in _registries(own, (*WAITING, *DONE_WITH)).values():
            for message in _messages(own, _ids(registry)):
                message.delete(delete_dependents=True)
        own.delete(delete_jobs=True)
        for worker in Worker.all(queue=own):
            unregister(worker)
            own.connection.delete(worker.key)
        for key in own.connection.scan_iter(SCHEDULER_KEY_TEMPLATE % "*"):
            if own.connection.hget(key, "queues") == own.name.encode():
                own.connection.delete(key)


def _own_queue(wiring: Wiring) -> Queue:
    """Return a trial's queue, for a look from outside."""
    connection = Redis.from_url(
        wiring.broker_url, socket_timeout=LOOK_S, socket_connect_timeout=LOOK_S, client_name=HARNESS
    )
    return Queue(wiring.queue, connection=connection, serializer=JSONSerializer)


def _registries(own: Queue, names: tuple[str, ...]) -> dict[str, BaseRegistry]:
    """Return the registries of a queue that this version of RQ has, by name."""
    found = {name: getattr(own, f"{name}_job_registry", None) for name in names}
    return {name: registry for name, registry in found.items() if registry is not None}


def _ids(registry: BaseRegistry) -> list[str]:
    """Return what a registry holds, without the clean-up that RQ does when asked."""
    return registry.get_job_ids(cleanup=False)


def _jobs(own: Queue, ids: list[str]) -> list[str]:
    """Return the job ids of messages, which are in their first argument."""
    return [message.args[0]["id"] for message in _messages(own, ids)]


def _messages(own: Queue, ids: list[str]) -> list[Message]:
    """Return messages by their ids, except those that have expired."""
    found = Message.fetch_many(ids, own.connection, serializer=JSONSerializer)
    return [message for message in found if message is not None]
