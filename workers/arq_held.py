"""What arq's queue still holds; looking changes nothing.

A job is in the queue's sorted set, scored by when it may begin, until it has succeeded or failed.
While it is in progress it has a key of its own besides, which expires.
"""

import json
import time
from typing import Any

import redis
from arq.constants import in_progress_key_prefix, result_key_prefix

from after202.kernel.model import HARNESS, Look, Wiring

LOOK_S = 3.0
SCAN = 1000
# Results of jobs that succeeded, which need no second look: a result does not change.
_succeeded: set[bytes] = set()


def job_id(queue: str, job: object, step: object) -> str:
    """Return the id under which arq knows a step of a job."""
    return f"{queue}:{job}:{step}"


def held(wiring: Wiring) -> Look | None:
    """Return the jobs that wait, are in progress or are to begin later, and those that failed.

    None if the broker does not answer.
    """
    try:
        with redis.Redis.from_url(
            wiring.broker_url,
            socket_timeout=LOOK_S,
            socket_connect_timeout=LOOK_S,
            client_name=HARNESS,
        ) as connection:
            return _look(connection, wiring.queue)
    except redis.RedisError:
        return None


def _look(connection: redis.Redis, queue: str) -> Look:
    # A job that ends between two looks is done, or leaves a result, which is read last.
    entries: Any = connection.zrange(queue, 0, -1, withscores=True)
    with connection.pipeline() as together:
        for name, _ in entries:
            together.exists(in_progress_key_prefix.encode() + name)
        taken = together.execute()
    now_ms = time.time() * 1000
    found: dict[str, str] = {}
    unread = 0
    for (name, score), is_taken in zip(entries, taken, strict=True):
        job = _job_of(name, queue)
        if job is None:
            unread += 1
        else:
            waiting = "scheduled" if score > now_ms else "queue"
            found[job] = "in progress" if is_taken else waiting
    return Look(held=found, failed=_failed(connection, queue), unread=unread)


def _failed(connection: redis.Redis, queue: str) -> dict[str, str]:
    """Return the jobs of which a step's result is a failure."""
    prefix = result_key_prefix.encode()
    pattern = prefix + queue.encode() + b":*"
    keys = [key for key in connection.scan_iter(pattern, SCAN) if key not in _succeeded]
    results: Any = connection.mget(keys) if keys else []
    failed: dict[str, str] = {}
    for key, result in zip(keys, results, strict=True):
        if result is None:
            continue
        if json.loads(result)["s"]:
            _succeeded.add(key)
        elif (job := _job_of(key.removeprefix(prefix), queue)) is not None:
            failed[job] = "result"
    return failed


def _job_of(name: bytes, queue: str) -> str | None:
    """Return the job of arq's id; None if it is not one of ours."""
    text, own = name.decode(errors="replace"), f"{queue}:"
    return text.removeprefix(own).partition(":")[0] if text.startswith(own) else None
