"""What a Celery application still has on a Redis broker; looking changes nothing.

Kombu keeps a queue as one list per priority, and what a worker took but has not acknowledged in a
hash. A message carries its own arguments and the signatures of what follows it: the rest of a
chain, callbacks, the body of a chord.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import redis
from celery.app import routes
from kombu.exceptions import KombuError
from kombu.serialization import loads
from kombu.transport.redis import Channel

from after202.kernel.model import Look

SCAN = 1000
JOB = {"id", "workload"}
# Where kombu notes which queues are bound to an exchange, and until when.
BINDING, DEADLINES = "_kombu.binding", "_kombu.binding_deadlines"
# Nothing else is decoded: a pickle would run the code of whoever can write to the broker.
ACCEPTED = ("application/json",)


def look(conf: Mapping[str, Any], tasks: Iterable[str], connection: redis.Redis) -> Look:
    """Return the jobs in the queues of a configuration, and how many messages tell of no job.

    Its queues are the default queue, those of `task_queues`, those that `task_routes` names for the
    tasks, and all that have the default queue's name in theirs.
    """
    options = conf.get("broker_transport_options", {})
    prefix = options.get("global_keyprefix", Channel.global_keyprefix)
    unacked = prefix + options.get("unacked_key", Channel.unacked_key)
    separator = options.get("sep", Channel.sep)
    known = _queues(conf, tasks)

    def is_own(key: str) -> bool:
        queue = key.removeprefix(prefix).partition(separator)[0]
        return key.startswith(prefix) and (queue in known or conf["task_default_queue"] in queue)

    # A message may come back from the hash to a list, or leave a list for the hash, between the
    # first look and the last.
    taken = _messages(connection.hgetall(unacked))
    keys = [
        key
        for key in connection.scan_iter(count=SCAN, _type="LIST")
        if is_own(key.decode(errors="replace"))
    ]
    with connection.pipeline() as pipe:
        for key in keys:
            pipe.lrange(key, 0, -1)
        pipe.hgetall(unacked)
        *lists, last = pipe.execute()
    waiting = [message for messages in lists for message in messages]
    taken += _messages(last)
    return read({**dict.fromkeys(waiting, "queue"), **dict.fromkeys(taken, "unacked")})


def _queues(conf: Mapping[str, Any], tasks: Iterable[str]) -> set[str]:
    """Return the names of the queues that a configuration names."""
    router = routes.Router(routes.prepare(conf.get("task_routes")))
    found = [router.lookup_route(task) for task in tasks]
    # A route is a queue, or options of which one is a queue.
    routed = [route if isinstance(route, str) else route.get("queue") for route in found if route]
    named = [conf["task_default_queue"], *(conf.get("task_queues") or ()), *routed]
    return {getattr(queue, "name", queue) for queue in named}


def _messages(unacked: Any) -> list[bytes]:
    """Return the messages of the hash, which keeps each with its exchange and its key."""
    found = []
    for entry in unacked.values():
        try:
            message, _, _ = json.loads(entry)
        except (ValueError, TypeError):
            message = None
        found.append(json.dumps(message).encode())
    return found


def read(messages: Mapping[bytes, str]) -> Look:
    """Return the jobs of the messages, each with its place, and the number that tell of none.

    A message is as Kombu's transport for Redis writes it: JSON with the body in base64.
    """
    held: dict[str, str] = {}
    unread = 0
    for message, place in messages.items():
        jobs = _jobs_of(message)
        held |= dict.fromkeys(jobs, place)
        unread += not jobs
    return Look(held=held, unread=unread)


def _jobs_of(text: bytes) -> set[str]:
    """Return the ids of the jobs in a message; none if it cannot be read."""
    try:
        message = json.loads(text)
        body = base64.b64decode(message["body"])
        kind, encoding = message["content-type"], message["content-encoding"]
        decoded: Any = loads(body, kind, encoding, accept=ACCEPTED)
    except (ValueError, LookupError, TypeError, AttributeError, KombuError):
        return set()
    return set(_jobs_in(decoded))


def _jobs_in(value: Any) -> Iterator[str]:
    """Yield the id of every job in decoded arguments and signatures."""
    if isinstance(value, Mapping):
        if value.keys() >= JOB:
            yield str(value["id"])
            return
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for each in value:
        yield from _jobs_in(each)


def forget(queue: bytes, connection: redis.Redis) -> None:
    """Delete the entries of a queue in the tables that all applications of a database share."""
    for table in connection.scan_iter(f"{BINDING}*", _type="SET"):
        members = cast("set[bytes]", connection.smembers(table))
        connection.srem(table, b"", *(member for member in members if queue in member))
    for exchange in cast("list[bytes]", connection.zrange(DEADLINES, 0, -1)):
        if not connection.exists(f"{BINDING}.{exchange.decode()}"):
            connection.zrem(DEADLINES, exchange)
