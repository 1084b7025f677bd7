"""Procrastinate: what its table holds of jobs that wait, run, failed, or lost their worker."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from after202.brokers.interface import ServerPlace
from after202.brokers.postgres import BROKER
from after202.hosts import private
from after202.hosts.local import until
from after202.kernel.model import DOCUMENTED, HARDENED, Look, Wiring
from after202.servers import databases
from tests.workers.queued import Queued
from workers.services.database import create_tables

pytestmark = pytest.mark.processes
NAME, SLOTS, WAITS_S = "procrastinate_queue", 2, 60.0
# Ordered steps of a job share a lock.
STATUS = "SELECT status::text FROM procrastinate_jobs"
LOCKS = "SELECT DISTINCT lock FROM procrastinate_jobs"


@pytest.fixture(scope="module")
def server(scratch: Path) -> Iterator[str]:
    """Start a server with Procrastinate's tables; return its URL."""
    folder = private.folder(scratch / NAME)
    place = ServerPlace(folder / "broker", folder / "broker.log", ())
    started = BROKER.serve(place, BROKER.durabilities[0])
    Queued(NAME, folder, Wiring(broker_url=started.url)).prepare()
    yield started.url
    started.child.kill()


@pytest.fixture
def wiring(server: str, tmp_path: Path) -> Wiring:
    """Return the wiring of a trial whose tables are empty."""
    with psycopg.connect(server) as connection:
        connection.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return Wiring(broker_url=server, slots=SLOTS, ledger_folder=str(tmp_path))


def query(wiring: Wiring, text: str) -> list[tuple[object, ...]]:
    """Return a query's rows."""
    with psycopg.connect(wiring.broker_url) as connection:
        return connection.execute(text.encode()).fetchall()


def unsettled(wiring: Wiring) -> bool:
    """Return whether a job waits or runs."""
    return bool({("todo",), ("doing",)} & set(query(wiring, STATUS)))


@pytest.mark.parametrize("variant", [DOCUMENTED, "one_message", "batched"])
def test_a_job_that_waits_is_held_once_however_many_rows_it_is(
    wiring: Wiring, tmp_path: Path, variant: str
) -> None:
    """A sign-up has three steps; without a worker they wait."""
    own = wiring.model_copy(update={"variant": variant})
    tried = Queued(NAME, tmp_path, own)
    jobs = tried.enqueue("signup", 2)
    assert tried.held() == Look(held=dict.fromkeys(jobs, "todo"))
    rows = 1 if variant == "one_message" else 3
    assert query(own, "SELECT count(*) FROM procrastinate_jobs") == [(2 * rows,)]
    assert query(own, LOCKS) == [(None,)]


def test_a_job_that_raised_is_kept_as_failed_and_one_with_order_has_a_lock(
    wiring: Wiring, tmp_path: Path
) -> None:
    """The worker ends on TERM by itself, and leaves no trace of itself."""
    (raises,) = Queued(NAME, tmp_path, wiring).enqueue("raises")
    (ordered,) = Queued(NAME, tmp_path, wiring).enqueue("process")
    assert {lock for (lock,) in query(wiring, LOCKS)} == {None, ordered}
    with Queued(NAME, tmp_path, wiring).worker() as worker:
        until("all done", lambda: not unsettled(wiring), WAITS_S, [worker])
        assert worker.stop(WAITS_S)
    found = Queued(NAME, tmp_path, wiring).held()
    assert found is not None
    assert found.failed[raises] == "failed"
    assert query(wiring, "SELECT count(*) FROM procrastinate_workers") == [(0,)]


def test_what_a_killed_worker_had_stays_or_is_done_again(wiring: Wiring, tmp_path: Path) -> None:
    """As documented it stays `doing` for ever; hardened, the next worker retries it."""
    (job,) = Queued(NAME, tmp_path, wiring).enqueue("long")
    with Queued(NAME, tmp_path, wiring).worker() as worker:
        until("a start", lambda: ("doing",) in query(wiring, STATUS), WAITS_S, [worker])
    assert Queued(NAME, tmp_path, wiring).held() == Look(held={job: "doing"})
    query(
        wiring,
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h' RETURNING id",
    )
    hardened = wiring.model_copy(update={"variant": HARDENED})
    with Queued(NAME, tmp_path, hardened).worker() as worker:
        until("the retry", lambda: not unsettled(wiring), WAITS_S, [worker])
    done = "SELECT attempts FROM procrastinate_jobs WHERE status = 'succeeded' AND lock IS NULL"
    assert (2,) in query(wiring, f"{done} AND queueing_lock IS NULL")


def test_tables_that_are_there_are_left_as_they_are(wiring: Wiring, tmp_path: Path) -> None:
    """The stack in containers is prepared each time that it is started."""
    own = Queued(NAME, tmp_path, wiring)
    (job,) = own.enqueue("empty")
    own.prepare()
    assert own.held() == Look(held={job: "todo"})


def test_a_worker_is_heard_of_once_it_has_registered(wiring: Wiring, tmp_path: Path) -> None:
    """Not before, and no longer once it has been silent for a while."""
    own = Queued(NAME, tmp_path, wiring)
    assert not own.is_heard_of()
    with own.worker() as worker:
        until("the worker heard of", own.is_heard_of, WAITS_S, [worker])
    query(
        wiring,
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h' RETURNING id",
    )
    assert not own.is_heard_of()


def test_what_is_not_ours_is_unread(wiring: Wiring, tmp_path: Path) -> None:
    """It may hide a job, so none is called lost; and a dead server says nothing."""
    query(
        wiring,
        "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('x', 'y') RETURNING id",
    )
    assert Queued(NAME, tmp_path, wiring).held() == Look(unread=1)
    away = wiring.model_copy(update={"broker_url": BROKER.url("127.0.0.1", 1)})
    assert Queued(NAME, tmp_path, away).held() is None


def test_a_row_and_its_job_are_committed_together_or_not_at_all(
    wiring: Wiring, tmp_path: Path
) -> None:
    """In one transaction; otherwise a row whose job could not be enqueued stays."""
    url, tried = wiring.broker_url, Queued(NAME, tmp_path, wiring)
    create_tables(url)
    query(wiring, "DELETE FROM orders RETURNING 1")
    own = tried.wired(variant="transactional", database_url=url)
    jobs = own.enqueue("order", 2)
    assert own.held() == Look(held=dict.fromkeys(jobs, "todo"))
    assert set(databases.jobs_in(url, "orders")) == set(jobs)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE procrastinate_jobs RENAME TO gone")
        try:
            with pytest.raises(AssertionError, match="procrastinate_jobs"):
                own.enqueue("order")
            assert set(databases.jobs_in(url, "orders")) == set(jobs)
            with pytest.raises(AssertionError, match="procrastinate_jobs"):
                own.wired(variant=HARDENED).enqueue("order")
            assert len(databases.jobs_in(url, "orders")) == 1 + len(jobs)
        finally:
            connection.execute("ALTER TABLE gone RENAME TO procrastinate_jobs")
