"""What SAQ's queue on Redis still holds; looking changes nothing.

A job has a key with all that is known of it, its status included. The set of incomplete jobs has
every job that is not done, except one that a sweep is aborting before it tries it again.
"""

import json
import time
from typing import Any

import redis

from after202.kernel.model import HARNESS, Look, Wiring

LOOK_S = 3.0
SCAN = 1000
FAILED = {"failed", "aborted"}
# Jobs that are complete, which need no second look.
_complete: set[bytes] = set()


def held(wiring: Wiring) -> Look | None:
    """Return the jobs that wait, are active, are scheduled or are being aborted, and the failed.

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
    prefix = f"saq:job:{queue}:".encode()
    with connection.pipeline(transaction=True) as together:
        together.zrange(f"saq:{queue}:incomplete", 0, -1, withscores=True)
        together.lrange(f"saq:{queue}:queued", 0, -1)
        together.lrange(f"saq:{queue}:active", 0, -1)
        incomplete, queued, active = together.execute()
    now_s = time.time()
    places = {name: "scheduled" if due > now_s else "queue" for name, due in incomplete}
    places |= dict.fromkeys(queued, "queue") | dict.fromkeys(active, "active")
    found: dict[str, str] = {}
    failed: dict[str, str] = {}
    unread = 0
    for name, place in places.items():
        if name.startswith(prefix) and name.count(b":") == prefix.count(b":") + 1:
            found[_job_of(name, prefix)] = place
        else:
            unread += 1
    for name, status in _unfinished(connection, prefix).items():
        if status in FAILED:
            failed[_job_of(name, prefix)] = status
        elif status == "aborting":
            found.setdefault(_job_of(name, prefix), status)
    return Look(held=found, failed=failed, unread=unread)


def _unfinished(connection: redis.Redis, prefix: bytes) -> dict[bytes, str]:
    """Return the status of every job that is not complete, by its key."""
    keys = [key for key in connection.scan_iter(prefix + b"*", SCAN) if key not in _complete]
    texts: Any = connection.mget(keys) if keys else []
    found: dict[bytes, str] = {}
    for key, text in zip(keys, texts, strict=True):
        status = json.loads(text)["status"] if text else "expired"
        if status == "complete":
            _complete.add(key)
        else:
            found[key] = status
    return found


def _job_of(name: bytes, prefix: bytes) -> str:
    """Return the job of a key: what follows is its step."""
    return name.removeprefix(prefix).decode(errors="replace").partition(":")[0]
