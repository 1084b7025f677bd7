"""Which of Dramatiq's settings a profile may override, and what follows from another value."""

import math
from collections.abc import Mapping

from dramatiq.brokers.redis import (
    DEFAULT_HEARTBEAT_TIMEOUT,
    DEFAULT_MAINTENANCE_CHANCE,
    MAINTENANCE_SCALE,
)
from dramatiq.middleware import Retries
from dramatiq.worker import WORKER_TIMEOUT

from workers.options import values_of

# Options of a variant by name, each with the reason for it.
Conf = Mapping[str, tuple[int, str]]
BROKER_OPTIONS = ("heartbeat_timeout", "maintenance_chance")
ACTOR_OPTIONS = ("max_retries", "min_backoff")
MS = 1000
USUAL = Retries()
# What Dramatiq has by itself; times are in milliseconds.
DEFAULTS: Mapping[str, int] = {
    "heartbeat_timeout": DEFAULT_HEARTBEAT_TIMEOUT,
    "maintenance_chance": DEFAULT_MAINTENANCE_CHANCE,
    "max_retries": USUAL.max_retries,
    "min_backoff": USUAL.min_backoff,
}
# Redelivery by chance has no longest time: it is sooner than this share of the times.
SURE = 0.99


def redelivery_s(conf: Conf) -> float | None:
    """Return how long what a dead worker held waits, in 99 of 100 cases; None if without an end.

    Its heartbeat must be old enough, and then a fetch or an enqueue must happen to do maintenance.
    Only one worker process fetches, at least once per time-out of an idle worker.
    """
    now = {**DEFAULTS, **values_of(conf, BROKER_OPTIONS)}
    chance = min(now["maintenance_chance"] / MAINTENANCE_SCALE, 1)
    if chance == 0:
        return None
    commands = math.ceil(math.log1p(-SURE) / math.log1p(-chance)) if chance < 1 else 1
    return float(now["heartbeat_timeout"] + commands * WORKER_TIMEOUT) / MS
