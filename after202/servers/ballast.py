"""Ballast: what fills the memory of a trial's Redis up to a limit, and is deleted again."""

import time
from typing import cast

import redis

# So many keys of so many bytes.
KEY, KEYS, SIZE = "after202_ballast_", 4, 4 * 2**20
FREED_S, POLL_S = 3.0, 0.02


def fill(connection: redis.Redis) -> bool:
    """Limit the memory to little more than is used, and write until a write is refused.

    The server checks the limit before each write. The last one that it accepts goes beyond it by
    half its size, so that what clients free or close does not make room again. Return whether a
    write was refused.
    """
    used = cast("dict[str, int]", connection.info("memory"))["used_memory"]
    connection.config_set("maxmemory-policy", "noeviction")
    connection.config_set("maxmemory", used + KEYS * SIZE - SIZE // 2)
    return any(_refuses(connection, number, SIZE) for number in range(KEYS + 1))


def burst(connection: redis.Redis, size: int) -> bool:
    """Write so many bytes; return whether the server ended at that."""
    try:
        for number in range(KEYS):
            connection.setrange(f"{KEY}{number}", size // KEYS - 1, b"x")
    except redis.exceptions.ConnectionError:
        return True
    return False


def free(connection: redis.Redis) -> bool:
    """Delete what was written; return whether writes were refused until then, and no longer are."""
    was_full = _refuses(connection, KEYS, 1)
    connection.delete(*(f"{KEY}{number}" for number in range(KEYS + 1)))
    return was_full and _has_room(connection)


def _refuses(connection: redis.Redis, number: int, size: int) -> bool:
    """Write a key of so many bytes; return whether the server refused, because it is full.

    SETRANGE makes the server allocate them. Bytes that were sent would count as used while the
    command waits, and a command so large would be refused where a job's message is not.
    """
    try:
        connection.setrange(f"{KEY}{number}", size - 1, b"x")
    except redis.exceptions.OutOfMemoryError:
        return True
    return False


def _has_room(connection: redis.Redis) -> bool:
    """Wait until a write is accepted: a server may free what was deleted in the background."""
    deadline_s = time.monotonic() + FREED_S
    while _refuses(connection, KEYS, 1):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    connection.delete(f"{KEY}{KEYS}")
    return True
