"""How the harness itself speaks to a broker."""

import redis

TIMEOUT_S = 3.0
# By its name a broker that sees only a gateway's address tells the harness from a stranger.
NAME = "after202-harness"


def client(url: str) -> redis.Redis:
    """Return a client that does not wait for long."""
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, client_name=NAME
    )


def answers(url: str) -> bool:
    """Say whether the broker answers: a port may accept where nobody is behind it."""
    try:
        with client(url) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False
