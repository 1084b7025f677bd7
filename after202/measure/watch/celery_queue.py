"""Celery on Redis: a list of messages, and a hash of those that a worker has taken."""

import base64
import json
from collections.abc import Iterator
from typing import cast

from after202.brokers.redis import client
from after202.measure.watch.inspector import Look

UNACKED = "unacked"


def look(url: str, queue: str) -> Look:
    """Look at the queue's list and at the messages that no worker has acknowledged."""
    with client(url) as connection:
        waiting = cast("list[bytes]", connection.lrange(queue, 0, -1))
        taken = cast("dict[bytes, bytes]", connection.hgetall(UNACKED))
    held = {job_id: "queue" for message in waiting for job_id in _job_ids(json.loads(message))}
    for value in taken.values():
        held |= dict.fromkeys(_job_ids(json.loads(value)[0]), UNACKED)
    return Look(held)


def _job_ids(message: dict[str, str]) -> Iterator[str]:
    """Yield the job of a message: its task's first argument says which it is."""
    (arguments, _, _) = json.loads(base64.b64decode(message["body"]))
    if arguments:
        yield arguments[0]["id"]
