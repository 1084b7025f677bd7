"""A broker of the user's own, by `--redis-url`: used only while nobody else's queues are in it."""

import redis

from after202.kernel.errors import UsageError

TIMEOUT_S = 3.0
# Names that Celery's transport and RQ use in a database, whatever the queue is called.
FOREIGN = ("unacked*", "_kombu*", "rq:*", "after202*")


def _client(url: str) -> redis.Redis:
    try:
        return redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    except ValueError as error:
        raise UsageError(
            f"--redis-url {url}: {error}; give one like redis://127.0.0.1:6379/0"
        ) from error


def require_unused(url: str) -> None:
    """Raise UsageError if the server does not answer, or if its queue names are taken."""
    client = _client(url)
    try:
        client.ping()
        taken = [key for pattern in FOREIGN for key in client.scan_iter(pattern, count=1000)]
    except redis.RedisError as error:
        advice = "start the server, or leave the option out"
        raise UsageError(f"--redis-url {url} does not answer ({error}): {advice}") from error
    if taken:
        name = taken[0].decode(errors="replace")
        raise UsageError(
            f"--redis-url {url}: queue names are taken ({name!r} and {len(taken) - 1} more):"
            " give the number of an empty database, for example .../1"
        )


def clear(url: str) -> None:
    """Delete what a trial left; only names that were found unused before."""
    client = _client(url)
    for pattern in FOREIGN:
        for key in client.scan_iter(pattern, count=1000):
            client.delete(key)
