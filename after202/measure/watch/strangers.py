"""Is there anybody else on the trial's broker? A foreign consumer looks exactly like lost work."""

import time
from typing import cast

import redis

from after202.brokers.redis import client
from after202.records.experiment import Role
from after202.stacks.interface import NO_BROKER, Stack

AGAIN_S = 0.2
UNREGISTERED = "unregistered task"


def foreign(stack: Stack) -> list[str]:
    """Return why the trial cannot be trusted: clients of the broker that are not ours.

    A client must be seen twice, since one of ours may come or go while we look.
    """
    if stack.wiring.broker_url == NO_BROKER:
        return []
    first = _strangers(stack)
    if first:
        time.sleep(AGAIN_S)
    strangers = first & _strangers(stack) if first else first
    found = [f"a client that is not ours is on the broker, from {name}" for name in strangers]
    worker = stack.roles.get(Role.WORKER)
    if worker is not None and UNREGISTERED in worker.log_text():
        found.append("the worker was sent a task that is not ours")
    return found


def _strangers(stack: Stack) -> set[str]:
    """Return the broker's clients that are not of the trial; none if it does not answer."""
    try:
        with client(stack.wiring.broker_url) as connection:
            return stack.strangers(cast("list[dict[str, str]]", connection.client_list()))
    except redis.RedisError:
        return set()
