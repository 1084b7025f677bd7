"""PostgreSQL as a broker: a server of the trial's own, beside the database of the workloads."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

from after202.brokers.interface import Broker, Client, Server, ServerPlace
from after202.hosts.local import Child, until
from after202.kernel.errors import TrialError, UsageError
from after202.kernel.model import HARNESS
from after202.servers import databases, postgres

READY_S, GONE_S, POLL_S, TIMEOUT_S = 30.0, 5.0, 0.02, 3
NO_LIMIT = (
    "PostgreSQL has no limit to the memory of its data, which are on disk; a process that needs"
    " more than it gets ends its statement with an error"
)
NOT_OURS = "a PostgreSQL server of the user's own is not supported"

# What a commit waits for. PostgreSQL writes everything to files, whatever is set; a server that is
# killed finds there what it had handed to the kernel.
WRITES = {
    # The chapter "Non-Durable Settings" of its documentation, as far as it goes for tables that
    # somebody else creates. No commit waits for anything, not even for the log to be handed over.
    "non-durable settings": {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    },
    # A commit does not wait for its log to be on disk; the last ones, of up to three times
    # `wal_writer_delay` (200 ms), are lost in a crash, and nothing else is.
    "asynchronous commit": {"synchronous_commit": "off"},
    # Its default: a commit waits until its log is on disk.
    "synchronous commit": {"fsync": "on", "synchronous_commit": "on"},
}
DEFAULTS = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on")


class PostgresServer:
    """A server under test, which can be started again on its data."""

    def __init__(self, place: ServerPlace, options: list[str]) -> None:
        """Start it, and wait until it answers."""
        shared = postgres.programs_of(place.run) if place.run else None
        self._server = postgres.Postgres(
            place.folder.parent,
            place.log,
            place.cpus,
            shared,
            name=place.folder.name,
            options=options,
        )
        self.url = self._server.url()

    @property
    def child(self) -> Child:
        """The server's main process, whose children are all others."""
        return self._server.child

    def start(self) -> Child:
        """Start the server on the same port and data, and wait until it has recovered."""
        child = self._server.start()
        until("PostgreSQL answering", lambda: databases.answers(self.url), READY_S, [child])
        return child


class Postgres:
    """The broker of queues that keep their jobs in tables."""

    durabilities: Sequence[str] = tuple(WRITES)
    usual = "synchronous commit"
    service = "postgres-broker"
    lacks: Mapping[str, str] = MappingProxyType({"fill": NO_LIMIT, "burst": NO_LIMIT})

    def missing(self) -> str:
        """Return nothing: the server is a package of ours."""
        return ""

    def serve(self, place: ServerPlace, durability: str) -> Server:
        """Start a PostgreSQL for one trial."""
        pairs = (f"{name}={value}" for name, value in WRITES[durability].items())
        return PostgresServer(place, [word for pair in pairs for word in ("-c", pair)])

    def url(self, host: str, port: int, password: str = "") -> str:
        """Return the URL of the database `postgres` at an address."""
        user = f"postgres:{password}" if password else "postgres"
        return f"postgresql://{user}@{host}:{port}/postgres"

    def compose_settings(self, durability: str) -> dict[str, str]:
        """Return the variables behind the settings of what a commit waits for in compose."""
        settings = {**DEFAULTS, **WRITES[durability]}
        return {f"BROKER_{name.upper()}": value for name, value in settings.items()}

    def answers(self, url: str) -> bool:
        """Return whether the server answers a query, which it does not while it recovers."""
        return _ask(url, "SELECT 1") is not None

    def clients(self, url: str) -> list[Client]:
        """Return the client backends in pg_stat_activity; none if the server does not answer."""
        query = (
            "SELECT host(client_addr), client_port, application_name FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND client_port > 0"
        )
        found = _ask(url, query) or []
        return [Client(f"{address}:{port}", name) for address, port, name in found]

    def disconnect(self, url: str) -> int:
        """End the session of every client but the harness (pg_terminate_backend)."""
        query = (
            "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND application_name <> %s"
        )
        struck = [pid for pid, _ in _ask(url, query, (HARNESS,)) or []]
        return len(struck) if struck and _are_gone(url, struck) else 0

    def fill(self, _: str) -> bool:
        """Return False: see `lacks`."""
        return False

    def free(self, _: str) -> bool:
        """Return False: see `lacks`."""
        return False

    def burst(self, _: str, __: int) -> bool:
        """Return False: see `lacks`."""
        return False

    def require_unused(self, _: str) -> None:
        """Raise UsageError: nothing is measured on a PostgreSQL of the user's own."""
        raise UsageError(NOT_OURS)

    def clear(self, _: str, __: str) -> None:
        """Raise TrialError: nothing is measured on a PostgreSQL of the user's own."""
        raise TrialError(NOT_OURS)


def _are_gone(url: str, pids: list[int]) -> bool:
    """Wait until sessions have ended; return whether they are seen to have."""
    left = "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)"
    deadline_s = time.monotonic() + GONE_S
    while _ask(url, left, (pids,)) != []:
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    return True


def _ask(url: str, query: LiteralString, values: tuple[object, ...] = ()) -> list[TupleRow] | None:
    """Return a query's rows, asked as the harness; None if the server does not answer."""
    try:
        with psycopg.connect(
            url, autocommit=True, connect_timeout=TIMEOUT_S, application_name=HARNESS
        ) as connection:
            return connection.execute(query, values).fetchall()
    except psycopg.OperationalError:
        return None


BROKER: Broker = Postgres()
