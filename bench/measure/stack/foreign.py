"""Is there anybody else on the trial's broker? A foreign consumer looks exactly like lost work."""

import os
import time
from collections.abc import Collection
from contextlib import suppress
from typing import cast

import psutil
import redis

from bench.measure.process import Child
from bench.measure.stack.embedded import NO_BROKER, EmbeddedStack
from bench.model import Role

TIMEOUT_S = 3.0
AGAIN_S = 0.2
UNREGISTERED = "unregistered task"


def foreign(stack: EmbeddedStack) -> list[str]:
    """Return why the trial cannot be trusted: clients of the broker that are not ours.

    A client must be seen twice, since one of ours may come or go while we look.
    """
    if stack.wiring.broker_url == NO_BROKER:
        return []
    first = _strangers(stack)
    if first:
        time.sleep(AGAIN_S)
    strangers = first & _strangers(stack) if first else first
    found = [f"a client that is not ours is on the broker, from port {port}" for port in strangers]
    worker = stack.roles.get(Role.WORKER)
    if worker is not None and UNREGISTERED in worker.log_text():
        found.append("the worker was sent a task that is not ours")
    return found


def _strangers(stack: EmbeddedStack) -> set[int]:
    """Return the ports of the broker's clients that no process of ours has."""
    url = stack.wiring.broker_url
    try:
        with redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        ) as client:
            listed = cast("list[dict[str, str]]", client.client_list())
            ours = _ports(stack.children)
    except redis.RedisError:
        return set()
    return {int(entry["addr"].rsplit(":", 1)[1]) for entry in listed} - ours


def _ports(children: Collection[Child]) -> set[int]:
    """Return the local ports of every connection of ours."""
    found = set()
    own = psutil.Process(os.getpid())
    for process in [own, *(process for child in children for process in child.tree())]:
        with suppress(psutil.Error):
            found |= {c.laddr.port for c in process.net_connections(kind="tcp") if c.laddr}
    return found
