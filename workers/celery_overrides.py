"""Which of Celery's settings a profile may override, and what follows from another value."""

from collections.abc import Mapping
from typing import Any

from after202.kernel.overrides import Scalar, told
from workers.celery_settings import Conf

TRANSPORT, RESULTS, TIMEOUT = (
    "broker_transport_options", "result_backend_transport_options", "visibility_timeout",
)  # fmt: skip
INTERVAL, THROTTLE = "unacked_restore_interval", "unacked_restore_throttle"
OPTIONS = (TIMEOUT, INTERVAL, THROTTLE)
# The defaults of Celery, and of the transport options of kombu.transport.redis.
DEFAULTS: Mapping[str, Scalar] = {
    "task_acks_late": False,
    "task_reject_on_worker_lost": False,
    "worker_prefetch_multiplier": 4,
    "worker_disable_prefetch": False,
    "worker_soft_shutdown_timeout": 0.0,
    TIMEOUT: 3600,
    INTERVAL: 10,
    THROTTLE: 10,
}


def overridable(conf: Conf) -> dict[str, Scalar]:
    """Return what a profile may override, with the values that a variant's configuration has."""
    options = conf[TRANSPORT][0] if TRANSPORT in conf else {}
    own = {**{name: value for name, (value, _) in conf.items()}, **options}
    return {name: own.get(name, usual) for name, usual in DEFAULTS.items()}


def overridden(conf: Conf, given: Mapping[str, Scalar]) -> Conf:
    """Return the configuration with the values given.

    The visibility timeout is set in each of the three places that Celery's "Using Redis" names.
    """
    why = f"the profile sets {told(given)}"
    found: dict[str, tuple[Any, str]] = {
        name: (value, why) for name, value in given.items() if name not in OPTIONS
    }
    options = {name: value for name, value in given.items() if name in OPTIONS}
    if options:
        before = conf[TRANSPORT][0] if TRANSPORT in conf else {}
        found[TRANSPORT] = ({**before, **options}, why)
    if TIMEOUT in options:
        found[TIMEOUT] = (options[TIMEOUT], why)
        found[RESULTS] = ({TIMEOUT: options[TIMEOUT]}, why)
    return {**conf, **found}


def redelivery_s(conf: Conf) -> float:
    """Return the visibility timeout plus the time between two looks for what has exceeded it."""
    now = overridable(conf)
    timeout_s, interval_s, throttle = (float(now[name]) for name in OPTIONS)
    return timeout_s + interval_s * max(throttle, 1)
