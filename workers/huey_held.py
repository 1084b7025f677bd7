"""What Huey's queue still holds, read from outside.

Messages that wait are in a list, and those that wait for a time in a sorted set. What a worker took
is nowhere: it has left Redis. The result store keeps the failures of tasks, by the task's id.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

import redis

from after202.kernel.model import HARNESS, Look, Wiring
from workers.huey_json import ERROR, MESSAGE

LOOK_S = 3.0
# Between the job's id and the number of the step, in the id of a task.
SEPARATOR = "."


def held(wiring: Wiring) -> Look | None:
    """Return the jobs that wait in the queue or the schedule, and those that failed for good.

    None if the broker does not answer.
    """
    try:
        with _client(wiring) as connection, connection.pipeline() as at_once:
            at_once.lrange(f"huey.redis.{wiring.queue}", 0, -1)
            at_once.zrange(f"huey.schedule.{wiring.queue}", 0, -1)
            at_once.hgetall(f"huey.results.{wiring.queue}")
            waiting, scheduled, results = cast("Any", at_once.execute())
    except redis.RedisError:
        return None
    places = {"queue": list(map(_job_of, waiting)), "schedule": list(map(_job_of, scheduled))}
    found = {job: place for place, jobs in places.items() for job in jobs if job}
    unread = sum(jobs.count("") for jobs in places.values())
    failed = dict.fromkeys(_failed(results.values()), "result store")
    return Look(held=found, failed=failed, unread=unread)


def _client(wiring: Wiring) -> redis.Redis:
    """Return a client for a look from outside."""
    return redis.Redis.from_url(
        wiring.broker_url,
        socket_timeout=LOOK_S,
        socket_connect_timeout=LOOK_S,
        client_name=HARNESS,
    )


def _job_of(message: bytes) -> str:
    """Return the job's id, which is in the first argument; empty if it cannot be told.

    What follows a message in a pipeline belongs to the same job.
    """
    try:
        return str(json.loads(message)[MESSAGE]["args"][0]["id"])
    except (ValueError, LookupError, TypeError):
        return ""


def _failed(results: Iterable[bytes]) -> Iterator[str]:
    """Yield the job of every failure after which no retry is left."""
    for result in results:
        try:
            failure = json.loads(result)[ERROR]
            job, _, _ = failure["task_id"].partition(SEPARATOR)
            is_final = failure["retries"] == 0
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
        if is_final:
            yield job
