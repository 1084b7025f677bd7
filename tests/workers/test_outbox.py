"""The outbox: what is committed with a request's row is sent, whatever becomes of the broker."""

from pathlib import Path

import psycopg
import pytest

from after202.kernel.model import Look
from after202.servers import databases
from tests.services import Services
from tests.workers.queued import Queued, queued
from workers.services.database import create_tables

pytestmark = pytest.mark.processes
DEAD = "redis://127.0.0.1:1/0"
# Relays for a moment; each message is printed as it is sent, and the first two times none is.
RELAY = """
import asyncio, sys
from workers import outbox

tries = 0

def send(job):
    global tries
    tries += 1
    if tries <= 2:
        raise OSError("the broker is away")
    print(job.id)

async def main():
    async with outbox.relayed(send):
        await asyncio.sleep(float(sys.argv[1]))

asyncio.run(main())
"""
RELAYS_S = "4"


@pytest.fixture
def stored(services: Services, tmp_path: Path) -> Queued:
    """Return Celery with an outbox in a database of its own, without a broker."""
    url = databases.create(services.wiring.database_url, f"outbox_{tmp_path.name}")
    create_tables(url)
    return queued("celery_queue", tmp_path, DEAD, "outbox", database_url=url)


def test_what_is_stored_is_held_and_sent_once_the_broker_is_back(stored: Queued) -> None:
    """In the order of the commits, each once, and marked as sent."""
    jobs = stored.enqueue("order", 2) + stored.enqueue("empty")
    url = stored.wiring.database_url
    assert set(databases.jobs_in(url, "orders")) == set(jobs[:2])
    unsent = stored.run("-c", UNSENT)
    assert Look.model_validate_json(unsent) == Look(held=dict.fromkeys(jobs, "outbox"))
    assert stored.run("-c", RELAY, RELAYS_S).split() == jobs
    assert Look.model_validate_json(stored.run("-c", UNSENT)) == Look()
    assert stored.run("-c", RELAY, "0.5") == ""


def test_where_the_broker_is_away_held_tells_nothing(stored: Queued, broker: str) -> None:
    """Nor where the database is; with both, what is in the outbox is held."""
    (job,) = stored.enqueue("order")
    assert stored.held() is None
    there = stored.wired(broker_url=broker)
    assert there.held() == Look(held={job: "outbox"})
    nowhere = "postgresql://postgres@127.0.0.1:1/postgres"
    assert there.wired(database_url=nowhere).held() is None


def test_neither_the_row_nor_the_message_is_there_without_the_other(stored: Queued) -> None:
    """A message that cannot be stored takes the order with it."""
    url = stored.wiring.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE outbox")
    with pytest.raises(AssertionError, match="outbox"):
        stored.enqueue("order")
    assert databases.jobs_in(url, "orders") == ()


UNSENT = """
from workers import outbox
from workers.settings import settings

print(outbox.unsent(settings()).model_dump_json())
"""
