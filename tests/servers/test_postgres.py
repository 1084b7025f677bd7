"""PostgreSQL as a child process: it crashes and recovers, beside others of its kind."""

from pathlib import Path

import psycopg
import pytest

from after202.hosts import private
from after202.hosts.local import until
from after202.kernel.errors import TrialError
from after202.servers import databases
from after202.servers.postgres import Postgres
from loadtests.faults.d1_database_crashes import RECOVERS

READY_S = 30.0
pytestmark = pytest.mark.processes


def test_rows_that_cannot_be_read_are_an_error_of_the_trial() -> None:
    """Without them nothing is known of orphans: none would be a wrong answer."""
    with pytest.raises(TrialError, match="the rows of orders cannot be read"):
        databases.jobs_in("postgresql://postgres@127.0.0.1:1/postgres", "orders")


def test_what_was_committed_survives_a_crash_and_what_was_not_does_not(scratch: Path) -> None:
    """Deduplication rests on it: the claim and the row of a step are there together or not at all.

    Another server, started from the same programs, is not touched.
    """
    folders = [private.folder(scratch / name) for name in ("first", "second")]
    first = Postgres(folders[0], scratch / "first.log", ())
    second = first.another(folders[1], scratch / "second.log")
    url = databases.create(second.url(), "trial")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE claims (step integer PRIMARY KEY)")
        connection.execute("INSERT INTO claims VALUES (1)")
        connection.commit()
        connection.execute("INSERT INTO claims VALUES (2)")

        second.child.kill()

        assert not databases.answers(second.url())
        assert databases.answers(first.url())
        assert RECOVERS not in (scratch / "second.log").read_text()
        second.start()
        until("an answer", lambda: databases.answers(url), READY_S, [second.child])
        connection.close()
    assert RECOVERS in (scratch / "second.log").read_text()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT step FROM claims").fetchall() == [(1,)]
    for server in (first, second):
        server.stop()
