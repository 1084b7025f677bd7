"""What passwords and the API's key cost: each server with and without, in turns.

    python -m tests.password_cost

Prints a line per operation: both medians, and the ratio of the two with its range over the rounds.
"""

import os
import smtplib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import redis

from after202.hosts import private
from after202.hosts.guard import guarded
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.kernel.model import MAIL_USER, SMTP_PASSWORD, Wiring
from after202.servers.postgres import Postgres
from after202.servers.valkey import Valkey
from after202.stacks.api import Api

ROUNDS, EACH = 40, 50
READY_S = 60.0
Operation = Callable[[], object]


def operations(running: ExitStack, folder: Path) -> Iterator[tuple[str, Operation, Operation]]:
    """Yield each operation's name, and how it is done with a password and without."""
    valkey = Valkey("with", folder / "with", folder / "with.log", cpus=())
    running.callback(valkey.child.kill)
    bare = Valkey("bare", folder / "bare", folder / "bare.log", cpus=())
    running.callback(bare.child.kill)
    with redis.Redis.from_url(bare.url) as client:
        client.config_set("requirepass", "")
    bare_url = f"redis://{HOST}:{bare.port}/0"
    yield "Valkey: connect, PING", lambda: _ping(valkey.url), lambda: _ping(bare_url)
    open_, bare_open = redis.Redis.from_url(valkey.url), redis.Redis.from_url(bare_url)
    yield "Valkey: PING on an open connection", open_.ping, bare_open.ping

    postgres = Postgres(folder, folder / "postgres.log", cpus=())
    running.callback(postgres.stop)
    data = folder / "postgres" / "data" / "pg_hba.conf"
    data.write_text(f"host all trusted all trust\n{data.read_text()}")
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE trusted LOGIN")
        connection.execute("SET scram_iterations = 4096")
        connection.execute("CREATE ROLE stretched LOGIN PASSWORD 'guess'")
        connection.execute("SELECT pg_reload_conf()")
    trusted = f"postgresql://trusted@{HOST}:{postgres.port}/postgres"
    until("trust", lambda: _connects(trusted), READY_S, [])
    url = postgres.url()
    yield "PostgreSQL: connect", lambda: _connects(url), lambda: _connects(trusted)
    stretched = f"postgresql://stretched:guess@{HOST}:{postgres.port}/postgres"
    name = "PostgreSQL: connect, with the default of 4096 iterations"
    yield name, lambda: _connects(stretched), lambda: _connects(trusted)

    password = private.password()
    port, bare_port = (_mail(running, folder, each) for each in (password, ""))
    yield (
        "mail: connect, log in, one message",
        lambda: _send(port, password),
        lambda: _send(bare_port, ""),
    )

    key = private.password()
    api, open_api = (_api(running, folder, url, each) for each in (key, ""))
    yield "API: GET /ping on a new connection", api.is_up, open_api.is_up


def _ping(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.ping()


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _mail(running: ExitStack, folder: Path, password: str) -> int:
    port = free_port()
    options = [str(port), "0", str(folder / f"mails-{port}.jsonl")]
    command = [sys.executable, "-m", "after202.servers.mail", *options]
    told = {SMTP_PASSWORD: password}
    child = Child(Launch("mail", command, folder / f"mail-{port}.log", told))
    running.callback(child.kill)
    until("the mail server", lambda: accepts(port), READY_S, [child])
    return port


def _send(port: int, password: str) -> None:
    with smtplib.SMTP(HOST, port) as server:
        if password:
            server.login(MAIL_USER, password)
        server.sendmail("a@after202.example", "b@after202.example", "Subject: x\r\n\r\nx")


def _api(running: ExitStack, folder: Path, database_url: str, key: str) -> Api:
    port = free_port()
    ledger = folder / f"ledger-{port}"
    ledger.mkdir()
    wiring = Wiring(database_url=database_url, ledger_folder=str(ledger), api_key=key)
    command = [sys.executable, "-m", "apps", "serve", "inline", str(port)]
    child = Child(Launch("api", command, folder / f"api-{port}.log", wiring.environment()))
    running.callback(child.kill)
    api = Api(HOST, port, key)
    until("the API", api.is_up, READY_S, [child])
    return api


def compared(with_it: Operation, without: Operation) -> list[tuple[float, float]]:
    """Return the times of one operation with and without, in ms, round by round."""
    found = []
    for turn in range(ROUNDS):
        pair = [with_it, without] if turn % 2 else [without, with_it]
        times = {done: _each_ms(done) for done in pair}
        found.append((times[with_it], times[without]))
    return found


def _each_ms(done: Operation) -> float:
    start_s = time.monotonic()
    for _ in range(EACH):
        done()
    return (time.monotonic() - start_s) / EACH * 1000


def main() -> None:
    """Measure each operation, and print what it takes."""
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="after202-")))
        running.enter_context(guarded(uuid4().hex, folder))
        os.environ.pop(SMTP_PASSWORD, None)
        for name, with_it, without in operations(running, folder):
            pairs = compared(with_it, without)
            ratios = sorted(one / other for one, other in pairs)
            with_ms, without_ms = (statistics.median(each) for each in zip(*pairs, strict=True))
            quartiles = f"{ratios[ROUNDS // 4]:.2f} to {ratios[3 * ROUNDS // 4]:.2f}"
            sys.stdout.write(
                f"{name}: {with_ms:.3f} ms with, {without_ms:.3f} ms without; ratio"
                f" {statistics.median(ratios):.2f}, its middle half {quartiles}\n"
            )


if __name__ == "__main__":
    main()
