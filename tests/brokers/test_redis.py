"""What faults do to a broker through its own protocol, on a real server, and what proves it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from after202.brokers.interface import ServerPlace
from after202.brokers.redis import BROKER
from after202.hosts.local import until
from after202.kernel.model import HARNESS

pytestmark = pytest.mark.processes
WAITS_S = 10.0
DURABILITIES = ["no persistence", "AOF always"]


@pytest.fixture(params=DURABILITIES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Start a server; return its URL."""
    server = BROKER.serve(ServerPlace(tmp_path / "broker", tmp_path / "log", ()), request.param)
    yield server.url
    server.child.kill()


def test_a_full_broker_refuses_what_a_queue_writes_and_hands_out_what_it_has(url: str) -> None:
    """Refused as if real data had filled it: messages, and notes of who took which."""
    with redis.Redis.from_url(url) as own:
        own.rpush("queue", "waits")
        assert BROKER.fill(url)
        used = own.info("memory")
        assert used["used_memory"] > used["maxmemory"] > 0
        for size in (1, 1000):
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                own.rpush("queue", "x" * size)
        assert own.blpop("queue", 1) == (b"queue", b"waits")
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            own.hset("unacked", "id", "waits")

        assert BROKER.free(url)
        own.rpush("queue", "x" * 1000)
        assert own.keys() == [b"queue"]


def test_a_broker_that_was_not_full_proves_nothing(url: str) -> None:
    """Nor one that does not answer."""
    assert not BROKER.free(url)
    nobody = "redis://127.0.0.1:1/0"
    assert not BROKER.fill(nobody)
    assert not BROKER.free(nobody)
    assert BROKER.disconnect(nobody) == 0


def test_every_client_loses_its_connection_but_the_harness(url: str) -> None:
    """One that waits for a message is a client too."""

    def wait() -> object:
        with redis.Redis.from_url(url, client_name="waits", retry=None) as waiting:
            return waiting.blpop("queue", WAITS_S)

    with (
        ThreadPoolExecutor(1) as threads,
        redis.Redis.from_url(url, client_name=HARNESS, single_connection_client=True) as ours,
        redis.Redis.from_url(url, client_name="idle", single_connection_client=True) as idle,
    ):
        before = ours.client_id()
        idle.ping()
        blocked = threads.submit(wait)
        until("a blocked client", lambda: "waits" in names(ours), WAITS_S, [])
        assert BROKER.disconnect(url) == 2
        with pytest.raises(redis.ConnectionError):
            blocked.result(WAITS_S)
        assert ours.client_id() == before
        assert names(ours) == {HARNESS}
        with pytest.raises(redis.ConnectionError):
            idle.ping()


def names(connection: redis.Redis) -> set[str]:
    """Return the names of the server's clients."""
    return {one["name"] for one in connection.client_list()}
