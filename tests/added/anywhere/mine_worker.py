"""The worker of the list: it has no `held`, so nobody can say what the list still holds."""

import json
from functools import cache

from redis import Redis

from after202.kernel.model import Job
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
    """Work until told to stop."""
    while True:
        found = client().blpop([settings().queue], timeout=WAIT_S)
        if found is not None:
            message, step = json.loads(found[1])
            perform(Job.model_validate(message), step)
