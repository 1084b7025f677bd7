"""PgQueuer: what its table holds of jobs that wait, run, failed, or lost their worker."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from after202.brokers.interface import ServerPlace
from after202.brokers.postgres import BROKER
from after202.hosts import private
from after202.hosts.local import until
from after202.kernel.ledger import EventKind, read_folder
from after202.kernel.model import DEDUPLICATED, DOCUMENTED, HARDENED, Look
from after202.servers import databases
from after202.validate.contract.checks.slots import overlap
from tests.workers.queued import Queued, queued
from workers.services.database import create_tables

pytestmark = pytest.mark.processes
NAME, WAITS_S = "pgqueuer_queue", 60.0
TRIED = 2
ROWS = "SELECT count(*) FROM pgqueuer"
LISTENING = (
    "SELECT 1 FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' OR query LIKE '%queued_work%'"
)
# From when a row was inserted to when it was picked, by the server's own clock.
WAITED = (
    "SELECT max(extract(epoch FROM picked.created - queued.created))::float"
    " FROM pgqueuer_log picked JOIN pgqueuer_log queued USING (job_id)"
    " WHERE picked.status = 'picked' AND queued.status = 'queued'"
)
# How long a query may wait where it shares its connection with a wait for notifications.
A_WAIT_S = 1.0


@pytest.fixture(scope="module")
def server(scratch: Path) -> Iterator[str]:
    """Start a server with PgQueuer's tables; return its URL."""
    folder = private.folder(scratch / NAME)
    place = ServerPlace(folder / "broker", folder / "broker.log", ())
    started = BROKER.serve(place, BROKER.durabilities[0])
    queued(NAME, folder, started.url).prepare()
    yield started.url
    started.child.kill()


@pytest.fixture
def tried(server: str, tmp_path: Path) -> Queued:
    """Return the strategy on a server whose tables are empty."""
    with psycopg.connect(server) as connection:
        connection.execute("TRUNCATE pgqueuer, pgqueuer_log, pgqueuer_statistics")
    return queued(NAME, tmp_path, server)


def query(tried: Queued, text: str) -> list[tuple[object, ...]]:
    """Return a query's rows."""
    with psycopg.connect(tried.wiring.broker_url) as connection:
        return connection.execute(text.encode()).fetchall()


def test_a_job_that_waits_is_held_once_however_many_rows_it_is(tried: Queued) -> None:
    """A sign-up has three steps; ordered steps are one row."""
    jobs = tried.enqueue("signup", 2)
    assert query(tried, ROWS) == [(6,)]
    jobs += tried.enqueue("process")
    assert query(tried, ROWS) == [(7,)]
    assert tried.held() == Look(held=dict.fromkeys(jobs, "queued"))


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_no_more_jobs_run_at_a_time_than_there_are_slots(tried: Queued, slots: int) -> None:
    """With one slot PgQueuer's own limit cannot be used, which is two at least."""
    own = tried.wired(slots=slots)
    jobs = own.enqueue("slow", 3 * slots)
    with own.worker() as worker:
        own.wait(EventKind.END, len(jobs), worker)
    files = read_folder(Path(own.wiring.ledger_folder))
    assert overlap(event for file in files for event in file.events) == slots


def test_a_job_that_raised_is_kept_once_somebody_says_so(tried: Queued) -> None:
    """As documented it is deleted, and the log has it; hardened it is retried and held."""
    tried.enqueue("raises")
    with tried.worker() as worker:
        until("an end", lambda: query(tried, ROWS) == [(0,)], WAITS_S, [worker])
        assert worker.stop(WAITS_S)
    assert tried.held() == Look()
    assert query(tried, "SELECT count(*) FROM pgqueuer_log WHERE status = 'exception'") == [(1,)]
    careful = tried.wired(variant=HARDENED, overrides={"max_attempts": TRIED})
    (kept,) = careful.enqueue("raises")
    with careful.worker() as worker:
        careful.until_held(Look(failed={kept: "failed"}), worker)
    assert [str(job) for job in careful.events(EventKind.FAIL)].count(kept) == 1 + TRIED


@pytest.mark.parametrize("variant", [DOCUMENTED, HARDENED, DEDUPLICATED])
def test_what_a_killed_worker_had_is_picked_again(tried: Queued, variant: str) -> None:
    """The bound of the variant's redelivery is checked by `after202 check-strategy`."""
    soon = {"heartbeat_timeout": 1.0, "dequeue_timeout": 0.5}
    own = tried.wired(variant=variant, overrides=soon, database_url=tried.wiring.broker_url)
    create_tables(own.wiring.database_url)
    (job,) = own.enqueue("slow")
    with own.worker() as worker:
        own.wait(EventKind.START, 1, worker)
    assert own.held() == Look(held={job: "picked"})
    with own.worker() as worker:
        own.wait(EventKind.END, 1, worker)
        own.until_held(Look(), worker)
    assert [str(each) for each in own.events(EventKind.START)] == [job, job]


def test_what_is_not_ours_is_unread(tried: Queued) -> None:
    """It may hide a job, so none is called lost; and a dead server says nothing."""
    query(
        tried,
        "INSERT INTO pgqueuer (priority, status, entrypoint, payload)"
        """ SELECT 0, 'queued', 'x', unnest(ARRAY['\\x00', NULL, '{"job": 1}']::bytea[])"""
        " RETURNING id",
    )
    assert tried.held() == Look(unread=3)
    assert tried.wired(broker_url=BROKER.url("127.0.0.1", 1)).held() is None


def test_an_idle_worker_begins_soon(tried: Queued) -> None:
    """Its queries do not wait for the connection that listens: jobs one by one start at once."""
    with tried.worker() as worker:
        until("a listener", lambda: bool(query(tried, LISTENING)), WAITS_S, [worker])
        for number in range(1, 4):
            tried.enqueue("empty")
            tried.wait(EventKind.END, number, worker)
    ((longest,),) = query(tried, WAITED)
    assert isinstance(longest, float)
    assert longest < A_WAIT_S / 2


def test_a_row_and_its_job_are_committed_together_or_not_at_all(tried: Queued) -> None:
    """In one transaction; otherwise a row whose job could not be enqueued stays."""
    url = tried.wiring.broker_url
    create_tables(url)
    query(tried, "DELETE FROM orders RETURNING 1")
    own = tried.wired(variant="transactional", database_url=url)
    jobs = own.enqueue("order", 2)
    assert own.held() == Look(held=dict.fromkeys(jobs, "queued"))
    assert set(databases.jobs_in(url, "orders")) == set(jobs)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE pgqueuer RENAME TO gone")
        try:
            with pytest.raises(AssertionError, match="pgqueuer"):
                own.enqueue("order")
            assert set(databases.jobs_in(url, "orders")) == set(jobs)
            with pytest.raises(AssertionError, match="pgqueuer"):
                own.wired(variant=HARDENED).enqueue("order")
            assert len(databases.jobs_in(url, "orders")) == 1 + len(jobs)
        finally:
            connection.execute("ALTER TABLE gone RENAME TO pgqueuer")
