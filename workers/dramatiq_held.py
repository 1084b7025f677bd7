"""What Dramatiq's queue still holds, read from outside.

Its script on Redis (dramatiq/brokers/redis/dispatch.lua) keeps every message in a hash. The ids of
those that wait are in a list, of those that a worker took and has not acknowledged in a set, and of
those that failed for good in a sorted set.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

import redis
from dramatiq.common import dq_name, xq_name

from after202.kernel.model import HARNESS, Look, Wiring

LOOK_S = 3.0
QUEUE = "default"
Messages = Mapping[bytes, bytes]


def held(wiring: Wiring) -> Look | None:
    """Return the jobs that wait, are with a worker or wait for a retry, and the dead-lettered ones.

    None if the broker does not answer.
    """
    try:
        with _client(wiring) as connection, connection.pipeline() as at_once:
            at_once.lrange(_key(wiring, QUEUE), 0, -1)
            for name in (QUEUE, dq_name(QUEUE), xq_name(QUEUE)):
                at_once.hgetall(f"{_key(wiring, name)}.msgs")
            waiting, messages, delayed, dead = cast("Any", at_once.execute())
    except redis.RedisError:
        return None
    places = {
        **dict.fromkeys(messages, "unacked"),
        **dict.fromkeys(waiting, "queue"),
        **dict.fromkeys(delayed, "delayed"),
    }
    jobs = {**_jobs(messages), **_jobs(delayed)}
    failed = _jobs(dead)
    return Look(
        held={job: places[message] for message, job in jobs.items() if job},
        failed=dict.fromkeys((job for job in failed.values() if job), "dead-letter queue"),
        unread=[*jobs.values(), *failed.values()].count(""),
    )


def _client(wiring: Wiring) -> redis.Redis:
    """Return a client for a look from outside."""
    return redis.Redis.from_url(
        wiring.broker_url,
        socket_timeout=LOOK_S,
        socket_connect_timeout=LOOK_S,
        client_name=HARNESS,
    )


def _key(wiring: Wiring, queue: str) -> str:
    return f"{wiring.queue}:{queue}"


def _jobs(messages: Messages) -> dict[bytes, str]:
    """Return the job's id of each message, which is in its first argument; empty if none can be.

    What follows a message in a pipeline belongs to the same job.
    """
    return {name: _job_of(message) for name, message in messages.items()}


def _job_of(message: bytes) -> str:
    try:
        return str(json.loads(message)["args"][0]["id"])
    except (ValueError, LookupError, TypeError):
        return ""
