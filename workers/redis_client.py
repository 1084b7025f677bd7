"""A client of Redis as a library's documentation makes it, for an address of any kind."""

from collections.abc import Collection
from typing import Any

from redis import Redis

from after202.kernel.model import NO_BROKER, Setting


def connection(broker_url: str) -> Redis:
    """Return the client that `Redis(host=..., port=...)` is.

    `Redis.from_url` alone never retries. That is all in which it differs from `Redis()`, which the
    documentation of RQ and of Dramatiq uses.
    """
    documented = Redis()
    if broker_url == NO_BROKER:
        return documented
    return Redis.from_url(broker_url, retry=documented.get_retry())


def waiting(broker_url: str, commands: Collection[str]) -> int:
    """Return how many clients on this host last sent one of the commands that fetch a message."""
    with Redis.from_url(broker_url) as asking:
        me: Any = asking.client_info()
        clients: Any = asking.client_list()
    last = [client["cmd"] for client in clients if _host(client) == _host(me)]
    return sum(command in commands for command in last)


def _host(client: dict[str, str]) -> str:
    return client["addr"].rpartition(":")[0]


def client_defaults(client: Redis, hangs: str) -> tuple[Setting, ...]:
    """Return redis-py's defaults that speed and survival depend on, as the client has them.

    `hangs` says what the library does when a broker does not answer in time.
    """
    connected: Any = client.connection_pool.make_connection()
    return (
        Setting(
            name="connection retries",
            value=str(connected.retry.get_retries()),
            why="as Redis() has them: a client waits 0.01 s to 1 s between them, about 4 s in all,"
            " before a broker that is away is an error",
            source="redis-py, redis/_defaults.py and Redis.__init__",
            is_default=True,
        ),
        Setting(
            name="socket_timeout, socket_connect_timeout",
            value=f"{connected.socket_timeout} s, {connected.socket_connect_timeout} s",
            why=f"how long a client waits for a broker that hangs, before it tries again; {hangs}",
            source="redis-py, redis/_defaults.py",
            is_default=True,
        ),
    )
