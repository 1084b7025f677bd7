"""The tables: made by whoever comes first, even if several come at once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.services import Services
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
        assert connection.execute(query).fetchone() == (5,)
