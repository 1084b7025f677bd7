"""Redis: Valkey as a child process, Redis 8 in compose, or the user's own server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import redis

from after202.brokers.interface import Broker, Client, Server, ServerPlace
from after202.kernel.errors import TrialError, UsageError
from after202.kernel.model import HARNESS
from after202.servers import ballast
from after202.servers.valkey import Valkey

TIMEOUT_S = 3.0
SCAN = 1000
# Keys that Celery's transport and RQ use in a database, whatever the queue's name.
TAKEN = ("unacked*", "_kombu*", "rq:*", "after202*")
# A lock of all of RQ's workers on a server; RQ sets it and lets it expire, within ten minutes.
SHARED_LOCK = b"rq:clean_groups"


@dataclass(frozen=True)
class Writes:
    """What the server writes to disk, as values of its options."""

    save: str = ""
    appendonly: str = "no"
    appendfsync: str = "everysec"

    @property
    def options(self) -> list[str]:
        """The command-line options."""
        pairs = {"--save": self.save, "--appendonly": self.appendonly}
        return [
            word for pair in {**pairs, "--appendfsync": self.appendfsync}.items() for word in pair
        ]


WRITES = {
    "no persistence": Writes(),
    # Redis's own default.
    "save points": Writes(save="3600 1 300 100 60 10000"),
    "AOF everysec": Writes(appendonly="yes"),
    "AOF always": Writes(appendonly="yes", appendfsync="always"),
}


class Redis:
    """The broker that Celery and RQ use here."""

    durabilities: Sequence[str] = tuple(WRITES)
    usual = "save points"
    service = "broker"
    lacks: Mapping[str, str] = MappingProxyType({})

    def missing(self) -> str:
        """Return nothing: the server is a package of ours."""
        return ""

    def serve(self, place: ServerPlace, durability: str) -> Server:
        """Start a Valkey for one trial."""
        options = WRITES[durability].options
        return Valkey("broker", place.folder, place.log, place.cpus, options)

    def url(self, host: str, port: int, password: str = "") -> str:
        """Return the URL of database 0 at an address."""
        user = f":{password}@" if password else ""
        return f"redis://{user}{host}:{port}/0"

    def compose_settings(self, durability: str) -> dict[str, str]:
        """Return the variables behind --save, --appendonly and --appendfsync in compose."""
        writes = WRITES[durability]
        return {
            "BROKER_SAVE": writes.save,
            "BROKER_APPENDONLY": writes.appendonly,
            "BROKER_APPENDFSYNC": writes.appendfsync,
        }

    def answers(self, url: str) -> bool:
        """Return whether the server answers a PING: a port may accept connections without one."""
        try:
            with client(url) as connection:
                return bool(connection.ping())
        except redis.RedisError:
            return False

    def clients(self, url: str) -> list[Client]:
        """Return the clients in CLIENT LIST; none if the server does not answer."""
        try:
            with client(url) as connection:
                listed = cast("list[dict[str, str]]", connection.client_list())
        except redis.RedisError:
            return []
        return [Client(one["addr"], one["name"]) for one in listed]

    def disconnect(self, url: str) -> int:
        """Close the connections of every client in CLIENT LIST but the harness's (CLIENT KILL)."""
        try:
            with client(url) as connection:
                struck = _others(connection)
                with connection.pipeline(transaction=True) as together:
                    for number in struck:
                        together.client_kill_filter(_id=number)
                    together.execute()
                return 0 if struck & _others(connection) else len(struck)
        except redis.RedisError:
            return 0

    def fill(self, url: str) -> bool:
        """Set `maxmemory` with `noeviction`, and write ballast until SET is refused (OOM)."""
        try:
            with client(url) as connection:
                return ballast.fill(connection)
        except redis.RedisError:
            return False

    def free(self, url: str) -> bool:
        """Delete the ballast; return whether SET was refused before and no longer is."""
        try:
            with client(url) as connection:
                return ballast.free(connection)
        except redis.RedisError:
            return False

    def burst(self, url: str, size: int) -> bool:
        """Write so much ballast; return whether the server was gone before the end of it."""
        try:
            with client(url) as connection:
                return ballast.burst(connection, size)
        except redis.RedisError:
            return False

    def require_unused(self, url: str) -> None:
        """Raise UsageError if the server does not answer, or if our queue names are taken."""
        try:
            with client(url) as connection:
                connection.ping()
                found = [key for name in TAKEN for key in connection.scan_iter(name, count=SCAN)]
        except ValueError as error:
            example = "give one like redis://127.0.0.1:6379/0"
            raise UsageError(f"--redis-url {url}: {error}; {example}") from error
        except redis.RedisError as error:
            advice = "start the server, or leave the option out"
            raise UsageError(f"--redis-url {url} does not answer ({error}): {advice}") from error
        taken = [key for key in found if key != SHARED_LOCK]
        if taken:
            name = taken[0].decode(errors="replace")
            raise UsageError(
                f"--redis-url {url}: queue names are taken ({name!r} and {len(taken) - 1} more):"
                " give the number of an empty database, for example .../1"
            )

    def clear(self, url: str, queue: str) -> None:
        """Delete the keys that have the name of a trial's queue in theirs, and nothing else.

        TrialError if the server does not answer.
        """
        try:
            with client(url) as connection:
                for key in connection.scan_iter(f"*{queue}*", count=SCAN):
                    connection.delete(key)
        except redis.RedisError as error:
            raise TrialError(f"the keys of {queue} could not be deleted: {error}") from error


def client(url: str) -> redis.Redis:
    """Return a client with short timeouts that identifies itself as the harness."""
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, client_name=HARNESS
    )


def _others(connection: redis.Redis) -> set[str]:
    """Return the ids of the clients that are not the harness's."""
    return {one["id"] for one in connection.client_list() if one["name"] != HARNESS}


BROKER: Broker = Redis()
