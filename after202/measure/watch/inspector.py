"""What a queue still has in its own structures: each file of this folder looks into one queue.

A file `NAME.py` defines `look(url, queue)`. Nothing is changed by looking.
"""

import importlib
import pkgutil
from dataclasses import dataclass, field

import redis

from after202.measure import watch


@dataclass(frozen=True)
class Look:
    """Jobs that are still to be done, and those kept as failed: by id, with where they were."""

    held: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def look(strategy: str, url: str, queue: str) -> Look | None:
    """Look into a strategy's queue: empty if it has none; None if the broker does not answer."""
    names = [module.name for module in pkgutil.iter_modules(watch.__path__)]
    # A known-answer strategy is named after the queue that it runs on: _lossy_celery_queue.
    name = next((name for name in names if strategy.endswith(name)), None)
    if name is None:
        return Look()
    try:
        found: Look = importlib.import_module(f"{watch.__name__}.{name}").look(url, queue)
    except redis.RedisError:
        return None
    return found
