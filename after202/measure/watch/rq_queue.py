"""RQ: a list of ids, those between the list and a worker, and a registry for each state."""

from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job
from rq.serializers import JSONSerializer

from after202.brokers.redis import client
from after202.measure.watch.inspector import Look


def look(url: str, queue: str) -> Look:
    """Look at the queue, at what is on its way to a worker, and at the registries."""
    with client(url) as connection:
        own = Queue(queue, connection=connection, serializer=JSONSerializer)
        places = {
            "queue": own.get_job_ids(),
            "intermediate": IntermediateQueue(own.key, connection).get_job_ids(),
            "deferred": own.deferred_job_registry.get_job_ids(cleanup=False),
            "scheduled": own.scheduled_job_registry.get_job_ids(cleanup=False),
            "started": own.started_job_registry.get_job_ids(cleanup=False),
        }
        held = {job_id: place for place, ids in places.items() for job_id in _job_ids(own, ids)}
        failed = _job_ids(own, own.failed_job_registry.get_job_ids(cleanup=False))
    return Look(held, dict.fromkeys(failed, "failed registry"))


def _job_ids(queue: Queue, ids: list[str]) -> list[str]:
    """Return which jobs RQ's own are for: the first argument says; one without data is nobody's."""
    found = Job.fetch_many(ids, queue.connection, serializer=JSONSerializer)
    return [job.args[0]["id"] for job in found if job is not None]
