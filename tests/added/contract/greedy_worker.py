"""The worker of the greedy: a thread too many, and a list of what was taken, which nobody reads."""

import json
from functools import cache
from threading import Thread
from typing import cast

from redis import Redis, RedisError

from after202.kernel.model import HARNESS, Job, Look, Wiring
from workers.perform import perform
from workers.settings import settings

WAIT_S = 1


@cache
def client() -> Redis:
    """Return this process's client."""
    return Redis.from_url(settings().broker_url)


def taken(queue: str) -> str:
    """Return the name of the list of what was taken."""
    return f"{queue}:taken"


def push(job: Job, step: int) -> None:
    """Append a step to the list."""
    client().rpush(settings().queue, json.dumps([job.model_dump(mode="json"), step]))


def run() -> None:
    """Work in a thread more than there are slots, until told to stop."""
    threads = [Thread(target=_work) for _ in range(settings().slots + 1)]
    for thread in threads:
        thread.start()


def _work() -> None:
    queue = settings().queue
    while True:
        found = client().blmove(queue, taken(queue), WAIT_S, "LEFT", "RIGHT")
        if found is not None:
            message, step = json.loads(found)
            perform(Job.model_validate(message), step)
            client().lrem(taken(queue), 1, found)


def held(wiring: Wiring) -> Look | None:
    """Return the jobs that wait and those that were taken; None if the broker does not answer."""
    found = {}
    try:
        with Redis.from_url(wiring.broker_url, client_name=HARNESS) as broker:
            for key in (taken(wiring.queue), wiring.queue):
                messages = cast("list[bytes]", broker.lrange(key, 0, -1))
                found.update({json.loads(one)[0]["id"]: key for one in messages})
    except RedisError:
        return None
    return Look(held=found)
