"""The cache: a Redis-protocol server, separate from the broker under test."""

from dataclasses import dataclass
from functools import cache
from typing import cast

import redis
import redis.asyncio

from workers.settings import settings

TTL_S = 3600


@dataclass(frozen=True)
class Entry:
    """A value to keep for `ttl_s` seconds."""

    key: str
    value: str
    ttl_s: int = TTL_S


@dataclass(frozen=True)
class Notification:
    """A text to append to a user's list of notifications."""

    key: str
    text: str


@cache
def client() -> redis.Redis:
    """Return this process's client; redis-py reconnects by itself after a fork."""
    return redis.Redis.from_url(settings().cache_url, decode_responses=True)


@cache
def client_async() -> redis.asyncio.Redis:
    """Return this process's client for its event loop."""
    return redis.asyncio.Redis.from_url(settings().cache_url, decode_responses=True)


def put(entry: Entry) -> None:
    """Store the entry."""
    client().set(entry.key, entry.value, ex=entry.ttl_s)


async def put_async(entry: Entry) -> None:
    """Store the entry."""
    await client_async().set(entry.key, entry.value, ex=entry.ttl_s)


def get(key: str) -> str | None:
    """Return the value of the key; None if there is none."""
    return cast("str | None", client().get(key))


async def get_async(key: str) -> str | None:
    """Return the value of the key; None if there is none."""
    return cast("str | None", await client_async().get(key))


def notify(notification: Notification) -> None:
    """Append to the user's notifications."""
    client().rpush(notification.key, notification.text)


async def notify_async(notification: Notification) -> None:
    """Append to the user's notifications."""
    await client_async().rpush(notification.key, notification.text)


def count(key: str) -> int:
    """Add one to a counter and return it."""
    return client().incr(key)


async def count_async(key: str) -> int:
    """Add one to a counter and return it."""
    return await client_async().incr(key)


async def close() -> None:
    """Close the async client."""
    await client_async().aclose()
