"""Which settings of Celery on Redis a profile may override, and what follows from that."""

from collections.abc import Mapping
from typing import Any

from after202.kernel.overrides import Scalar
from workers import celery_overrides
from workers.celery_settings import Conf

TRANSPORT, RESULTS, TIMEOUT = (
    "broker_transport_options", "result_backend_transport_options", "visibility_timeout",
)  # fmt: skip
INTERVAL, THROTTLE = "unacked_restore_interval", "unacked_restore_throttle"
# The defaults of the transport options of kombu.transport.redis.
DEFAULTS: Mapping[str, Scalar] = {TIMEOUT: 3600, INTERVAL: 10, THROTTLE: 10}


def overridable(conf: Conf) -> dict[str, Scalar]:
    """Return what a profile may override, with the values that a variant's configuration has."""
    options = _options(conf)
    own = {name: options.get(name, usual) for name, usual in DEFAULTS.items()}
    return {**celery_overrides.overridable(conf), **own}


def overridden(conf: Conf, given: Mapping[str, Scalar]) -> Conf:
    """Return the configuration with the values given.

    The visibility timeout is set in each of the three places that Celery's "Using Redis" names.
    """
    why = celery_overrides.reason(given)
    found: dict[str, tuple[Any, str]] = {
        name: (value, why) for name, value in given.items() if name not in DEFAULTS
    }
    options = {name: value for name, value in given.items() if name in DEFAULTS}
    if options:
        found[TRANSPORT] = ({**_options(conf), **options}, why)
    if TIMEOUT in options:
        found[TIMEOUT] = (options[TIMEOUT], why)
        found[RESULTS] = ({TIMEOUT: options[TIMEOUT]}, why)
    return {**conf, **found}


def redelivery_s(conf: Conf) -> float:
    """Return the visibility timeout plus the time between two looks for what has exceeded it."""
    options = {**DEFAULTS, **_options(conf)}
    timeout_s, interval_s, throttle = (float(options[name]) for name in DEFAULTS)
    return timeout_s + interval_s * max(throttle, 1)


def _options(conf: Conf) -> Mapping[str, Any]:
    """Return the transport options of a configuration."""
    found: Mapping[str, Any] = conf[TRANSPORT][0] if TRANSPORT in conf else {}
    return found
