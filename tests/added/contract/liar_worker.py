"""The worker of the liar: a list in Redis, of which it always says that nothing is in it."""

import json
from functools import cache
from threading import Thread

from redis import Redis

from after202.kernel.model import Job, Look, Wiring
from workers.perform import perform
from workers.settings import settings

WAIT_S = 1


@cache
def client() -> Redis:
    """Return this process's client."""
    return Redis.from_url(settings().broker_url)


def push(job: Job, step: int) -> None:
    """Append a step to the list."""
    client().rpush(settings().queue, json.dumps([job.model_dump(mode="json"), step]))


def run() -> None:
    """Work in as many threads as there are slots, until told to stop."""
    threads = [Thread(target=_work) for _ in range(settings().slots)]
    for thread in threads:
        thread.start()


def _work() -> None:
    while True:
        found = client().blpop([settings().queue], timeout=WAIT_S)
        if found is not None:
            message, step = json.loads(found[1])
            perform(Job.model_validate(message), step)


def held(_: Wiring) -> Look:
    """Say that nothing is held."""
    return Look()
