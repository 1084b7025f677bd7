"""What faults do to PostgreSQL as a broker, through its own protocol, on a real server."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from after202.brokers.interface import Server, ServerPlace
from after202.brokers.postgres import BROKER, WRITES
from after202.hosts import private
from after202.hosts.local import until
from after202.hosts.processes import local_ports
from after202.kernel.model import HARNESS
from after202.servers import postgres

pytestmark = pytest.mark.processes
WAITS_S = 10.0
# The log of an asynchronous commit is written within three times this; PostgreSQL's own is 200 ms.
LATE = "ALTER SYSTEM SET wal_writer_delay = '10s'"


@pytest.fixture(scope="module")
def run(scratch: Path) -> Iterator[Path]:
    """Start what all trials of a run share; return the run's folder, which PostgreSQL may enter."""
    folder = private.folder(scratch / "run-of-brokers")
    shared = postgres.Postgres(folder, scratch / "shared.log", ())
    yield folder
    shared.stop()


def serve(run: Path, tmp_path: Path, durability: str) -> Server:
    """Start a trial's server."""
    trial = private.folder(run / tmp_path.name)
    return BROKER.serve(ServerPlace(trial / "broker", tmp_path / "log", (), run), durability)


@pytest.fixture
def server(run: Path, tmp_path: Path) -> Iterator[Server]:
    """Start a server that writes as PostgreSQL does by default."""
    started = serve(run, tmp_path, BROKER.usual)
    yield started
    started.child.kill()


@pytest.mark.parametrize("durability", BROKER.durabilities)
def test_a_server_writes_what_its_durability_says(
    run: Path, tmp_path: Path, durability: str
) -> None:
    """As the server itself shows it."""
    server = serve(run, tmp_path, durability)
    try:
        with psycopg.connect(server.url) as own:
            for name, value in WRITES[durability].items():
                assert own.execute("SELECT current_setting(%s)", (name,)).fetchone() == (value,)
    finally:
        server.child.kill()


@pytest.mark.parametrize(("durability", "kept"), [("synchronous commit", 1), (None, 0)])
def test_a_crash_takes_the_commits_that_nobody_waited_for(
    run: Path, tmp_path: Path, durability: str | None, kept: int
) -> None:
    """A killed server has all that a commit waited for; the last of the others are gone."""
    server = serve(run, tmp_path, durability or "asynchronous commit")
    with psycopg.connect(server.url, autocommit=True) as own:
        own.execute("CREATE TABLE jobs (id integer)")
        own.execute(LATE)
        own.execute("SELECT pg_reload_conf()")
        own.execute("CHECKPOINT")
        until("the setting", lambda: shows(own, "wal_writer_delay") == "10s", WAITS_S, [])
        time.sleep(0.5)  # the writer's last short wait
        own.execute("INSERT INTO jobs VALUES (1)")
        server.child.kill()
    server.start()
    with psycopg.connect(server.url) as own:
        assert own.execute("SELECT count(*) FROM jobs").fetchone() == (kept,)
    server.child.kill()


def shows(own: psycopg.Connection, name: str) -> str:
    """Return what a setting is."""
    found = own.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return str(found[0]) if found else ""


def test_it_ends_in_good_order_though_its_clients_stay(server: Server) -> None:
    """On TERM it would wait for them, for as long as a pool lives."""
    with psycopg.connect(server.url):
        assert server.child.stop_signal == "INT"
        assert server.child.stop(WAITS_S)
    assert not BROKER.answers(server.url)
    server.start()
    assert BROKER.answers(server.url)


def test_every_client_loses_its_connection_but_the_harness(server: Server) -> None:
    """One that waits within a statement is a client too."""

    def wait() -> None:
        with psycopg.connect(server.url, application_name="waits") as waiting:
            waiting.execute("SELECT pg_sleep(%s)", (WAITS_S,))

    with (
        ThreadPoolExecutor(1) as threads,
        psycopg.connect(server.url, application_name=HARNESS, autocommit=True) as ours,
        psycopg.connect(server.url, application_name="idle") as idle,
    ):
        blocked = threads.submit(wait)
        until("a blocked client", lambda: "waits" in names(server), WAITS_S, [])
        others = [one for one in BROKER.clients(server.url) if one.name != HARNESS]
        assert {one.port for one in others} <= local_ports([psutil.Process()])
        assert BROKER.disconnect(server.url) == 2
        with pytest.raises(psycopg.OperationalError):
            blocked.result(WAITS_S)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        assert names(server) == {HARNESS}
        assert ours.execute("SELECT 1").fetchone() == (1,)
        assert BROKER.disconnect(server.url) == 0


def names(server: Server) -> set[str]:
    """Return the names of the server's clients."""
    return {one.name for one in BROKER.clients(server.url)}


def test_a_server_that_is_away_says_nothing() -> None:
    """And nothing was done to it."""
    nobody = BROKER.url("127.0.0.1", 1, "secret")
    assert not BROKER.answers(nobody)
    assert BROKER.clients(nobody) == []
    assert BROKER.disconnect(nobody) == 0
