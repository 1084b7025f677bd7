"""The tables, made by whoever comes first, and the connections, one for each thread."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.services import Services
from workers.services import database
from workers.services.database import create_tables

AT_ONCE = 8


@pytest.mark.parametrize("attempt", range(3))
def test_several_processes_may_create_the_tables_at_once(services: Services, attempt: int) -> None:
    """APIs that start together do not trip over each other."""
    name = f"tables_{attempt}"
    with psycopg.connect(services.wiring.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = services.wiring.database_url.rsplit("/", 1)[0] + f"/{name}"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(create_tables, [url] * AT_ONCE))

    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(query).fetchone() == (7,)


def test_threads_claim_steps_at_the_same_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a transaction of its own, so that neither ends within the other's."""
    monkeypatch.setattr(database, "settings", lambda: services.wiring)
    both = Barrier(2, timeout=30)

    def claim(job_id: UUID) -> bool:
        try:
            with database.claimed(job_id, 0) as is_ours:
                both.wait()
                return is_ours
        finally:
            database._connection().close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(claim, [uuid4(), uuid4()])) == [True, True]
