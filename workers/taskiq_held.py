"""What taskiq's stream, or list, still holds; looking changes nothing.

A stream keeps every message, acknowledged or not. A consumer group knows the last one that it
delivered, and which of those are not acknowledged.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import redis

from after202.kernel.model import HARNESS, Look, Wiring

LOOK_S = 3.0
ALL = 1_000_000
FIRST = "0-0"
# What is no job of anybody's: see `nudge` in taskiq_queue.py.
NUDGE = "after202:nudge"
Body = bytes | None


def held(wiring: Wiring, group: str) -> Look | None:
    """Return the jobs that wait, and those that a worker fetched and did not acknowledge.

    None if the broker does not answer.
    """
    try:
        with redis.Redis.from_url(
            wiring.broker_url,
            socket_timeout=LOOK_S,
            socket_connect_timeout=LOOK_S,
            client_name=HARNESS,
        ) as connection:
            kind: Any = connection.type(wiring.queue)
            if kind == b"list":
                waiting: Any = connection.lrange(wiring.queue, 0, -1)
                return _read({"queue": waiting})
            if kind == b"stream":
                return _in_stream(connection, wiring.queue, group)
    except redis.RedisError:
        return None
    return Look()


def _in_stream(connection: redis.Redis, queue: str, group: str) -> Look:
    """Return the jobs of a stream; if it has no group yet, all of them wait."""
    groups: Any = connection.xinfo_groups(queue)
    delivered = {one["name"]: one["last-delivered-id"] for one in groups}
    last = delivered.get(group.encode(), FIRST.encode()).decode()
    with connection.pipeline(transaction=True) as together:
        together.xrange(queue, f"({last}")
        if delivered:
            together.xpending_range(queue, group, "-", "+", ALL)
        waiting, *pending = together.execute()
    numbers = [entry["message_id"] for entries in pending for entry in entries]
    with connection.pipeline() as together:
        for number in numbers:
            together.xrange(queue, number, number)
        fetched = [entry for found in together.execute() for entry in found]
    # What was fetched between the two looks is in both.
    return _read({"queue": _bodies(waiting), "unacked": _bodies(fetched)})


def _bodies(entries: Iterable[tuple[bytes, Mapping[bytes, bytes]]]) -> list[Body]:
    return [fields.get(b"data") for _, fields in entries]


def _read(places: Mapping[str, Iterable[Body]]) -> Look:
    """Return the jobs of the messages in each place; what cannot be read is counted."""
    found: dict[str, str] = {}
    unread = 0
    for place, bodies in places.items():
        for body in bodies:
            try:
                message = json.loads(body or b"")
                if message["task_name"] != NUDGE:
                    found[str(message["args"][0]["id"])] = place
            except (ValueError, LookupError, TypeError):
                unread += 1
    return Look(held=found, unread=unread)
