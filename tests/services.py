"""The real parts that the steps use, started once per test run, and readers of what arrived."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, LiteralString, NamedTuple, cast
from uuid import UUID

import psycopg
import pytest
import redis

from after202.hosts import private
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.kernel.ledger import Event, EventKind, LedgerReader
from after202.kernel.model import SMTP_PASSWORD, Wiring
from after202.servers.postgres import Postgres
from after202.servers.valkey import Valkey
from workers.services.database import create_tables

READY_S = 30.0
SLOTS = 2
MAIL_DELAY_MS = "0"
# The statement of each table, without the moment of the row.
TABLES: dict[str, LiteralString] = {
    "post_statistics": "SELECT author, words FROM post_statistics WHERE job_id = %s",
    "analytics": "SELECT item_id, user_id FROM analytics WHERE job_id = %s",
    "processed": "SELECT data FROM processed WHERE job_id = %s",
    "uploads": "SELECT rows, bytes FROM uploads WHERE job_id = %s",
}


class Kept(NamedTuple):
    """A value in the cache."""

    key: str
    value: str
    ttl_s: int


class Services:
    """Where the parts are, and what one job left in each of them."""

    def __init__(self, wiring: Wiring, folder: Path) -> None:
        """Read from the parts that `wiring` names; mails and logs are below `folder`."""
        self.wiring = wiring
        self.folder = folder
        self.mail_file = folder / "mails.jsonl"
        self._reader = LedgerReader(Path(wiring.ledger_folder))
        self._events: defaultdict[UUID, list[Event]] = defaultdict(list)

    def mails(self, job_id: UUID) -> list[dict[str, str]]:
        """Return the mails that the mail server took."""
        mails = [json.loads(line) for line in self.mail_file.read_text().splitlines()]
        return [mail for mail in mails if mail["job_id"] == str(job_id)]

    def log_lines(self, job_id: UUID) -> list[str]:
        """Return the lines of the log, sorted."""
        log = Path(self.wiring.data_folder) / "log" / "app.log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return sorted(line for line in lines if line.startswith(f"{job_id} "))

    def rows(self, table: str, job_id: UUID) -> list[tuple[Any, ...]]:
        """Return the rows of a table."""
        with psycopg.connect(self.wiring.database_url) as connection:
            return connection.execute(TABLES[table], (job_id,)).fetchall()

    def kept(self, job_id: UUID) -> list[Kept]:
        """Return the cache's values whose key names the job, sorted."""
        with redis.Redis.from_url(self.wiring.cache_url, decode_responses=True) as cache:
            keys = sorted(cache.scan_iter(f"*{job_id}*"))
            return [Kept(key, cast("str", cache.get(key)), int(cache.ttl(key))) for key in keys]

    def notifications(self, job_id: UUID) -> list[tuple[str, str]]:
        """Return the users' notifications that the job sent, each with its key."""
        with redis.Redis.from_url(self.wiring.cache_url, decode_responses=True) as cache:
            keys = sorted(cache.scan_iter("notifications:*"))
            found = [(key, text) for key in keys for text in cache.lrange(key, 0, -1)]
        return [(key, text) for key, text in found if text.startswith(f"{job_id} ")]

    def report(self, job_id: UUID) -> Path:
        """Return where the job's report is, if there is one."""
        return Path(self.wiring.data_folder) / "reports" / f"{job_id}.json"

    def effects(self, job_id: UUID) -> Counter[str]:
        """Count what the job left, by kind."""
        counts = {
            "mails": len(self.mails(job_id)),
            "lines": len(self.log_lines(job_id)),
            "keys": len(self.kept(job_id)),
            "notifications": len(self.notifications(job_id)),
            "rows": sum(len(self.rows(table, job_id)) for table in TABLES),
            "reports": int(self.report(job_id).exists()),
        }
        return Counter({kind: count for kind, count in counts.items() if count})

    def events(self, job_id: UUID) -> list[Event]:
        """Return the ledger's events of a job, by time."""
        for event in self._reader.new_events():
            self._events[event.job_id].append(event)
        return sorted(self._events[job_id], key=lambda event: event.at_ns)

    def steps(self, job_id: UUID, kind: EventKind) -> list[int]:
        """Return the steps of a job that started, ended or failed, by time."""
        return [event.step for event in self.events(job_id) if event.kind is kind]


@pytest.fixture(scope="session")
def services(scratch: Path) -> Iterator[Services]:
    """Start the mail server, PostgreSQL, the cache and the broker; stop them at the end."""
    with ExitStack() as running:
        yield _started(running, scratch)


def _started(running: ExitStack, folder: Path) -> Services:
    (folder / "ledger").mkdir()
    postgres = Postgres(folder, folder / "postgres.log", cpus=())
    running.callback(postgres.stop)
    servers = {}
    for name in ("broker", "cache"):
        servers[name] = Valkey(name, folder / name, folder / f"{name}.log", cpus=())
        running.callback(servers[name].child.kill)
    wiring = Wiring(
        slots=SLOTS,
        broker_url=servers["broker"].url,
        cache_url=servers["cache"].url,
        database_url=postgres.url(),
        smtp_host=HOST,
        smtp_port=free_port(),
        smtp_password=private.password(),
        data_folder=str(folder / "data"),
        ledger_folder=str(folder / "ledger"),
    )
    services = Services(wiring, folder)
    running.callback(_mail_server(services).kill)
    create_tables(wiring.database_url)
    return services


def _mail_server(services: Services) -> Child:
    port = services.wiring.smtp_port
    options = [str(port), MAIL_DELAY_MS, str(services.mail_file)]
    command = [sys.executable, "-m", "after202.servers.mail", *options]
    told = {SMTP_PASSWORD: services.wiring.smtp_password}
    child = Child(Launch("mail", command, services.folder / "mail.log", told))
    until("the mail server", lambda: accepts(port), READY_S, [child])
    return child
