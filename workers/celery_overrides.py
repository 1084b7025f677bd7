"""Which of Celery's settings a profile may override, whatever its broker is."""

from collections.abc import Mapping

from after202.kernel.overrides import Scalar, told
from workers.celery_settings import Conf

# The defaults of Celery.
DEFAULTS: Mapping[str, Scalar] = {
    "task_acks_late": False,
    "task_reject_on_worker_lost": False,
    "worker_prefetch_multiplier": 4,
    "worker_disable_prefetch": False,
    "worker_soft_shutdown_timeout": 0.0,
}


def overridable(conf: Conf) -> dict[str, Scalar]:
    """Return what a profile may override, with the values that a variant's configuration has."""
    return {name: conf[name][0] if name in conf else usual for name, usual in DEFAULTS.items()}


def overridden(conf: Conf, given: Mapping[str, Scalar]) -> Conf:
    """Return the configuration with the values given."""
    return {**conf, **{name: (value, reason(given)) for name, value in given.items()}}


def reason(given: Mapping[str, Scalar]) -> str:
    """Return why settings are what they are."""
    return f"the profile sets {told(given)}"
