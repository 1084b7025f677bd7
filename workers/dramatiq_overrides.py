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

from after202.kernel.overrides import Scalar, told

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


def overridable(conf: Conf) -> dict[str, Scalar]:
    """Return what a profile may override, with the values that a variant has."""
    return {name: conf[name][0] if name in conf else usual for name, usual in DEFAULTS.items()}


def overridden(conf: Conf, given: Mapping[str, Scalar]) -> Conf:
    """Return the options with the values given."""
    why = f"the profile sets {told(given)}"
    return {**conf, **{name: (int(value), why) for name, value in given.items()}}


def options_of(conf: Conf, names: tuple[str, ...]) -> dict[str, int]:
    """Return those of the options that a variant sets."""
    return {name: conf[name][0] for name in names if name in conf}


def redelivery_s(conf: Conf) -> float | None:
    """Return how long what a dead worker held waits, in 99 of 100 cases; None if without an end.

    Its heartbeat must be old enough, and then a fetch or an enqueue must happen to do maintenance.
    Only one worker process fetches, at least once per time-out of an idle worker.
    """
    now = {**DEFAULTS, **options_of(conf, BROKER_OPTIONS)}
    chance = min(now["maintenance_chance"] / MAINTENANCE_SCALE, 1)
    if chance == 0:
        return None
    commands = math.ceil(math.log1p(-SURE) / math.log1p(-chance)) if chance < 1 else 1
    return float(now["heartbeat_timeout"] + commands * WORKER_TIMEOUT) / MS
