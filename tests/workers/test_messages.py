"""Three messages that are sent together are not three that are sent one by one."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from after202.servers.valkey import Valkey
from tests.workers.test_held import QUEUE, enqueue

pytestmark = pytest.mark.processes


def sent(broker: str, strategy: str, variant: str) -> int:
    """Enqueue a sign-up, whose steps have no order; return how often the broker was written to."""
    with redis.Redis.from_url(broker) as client:
        before = int(client.info("stats")["total_reads_processed"])
        enqueue(broker, strategy, "signup", [uuid4()], variant)
        return int(client.info("stats")["total_reads_processed"]) - before


def test_rq_sends_them_in_one_round_trip(tmp_path: Path) -> None:
    """`enqueue_many` has one pipeline for all of them."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    try:
        one_by_one, together, single = (
            sent(server.url, "rq_queue", variant)
            for variant in ("documented", "batched", "one_message")
        )
    finally:
        server.child.kill()
    assert one_by_one > together
    assert together <= single + 1


@pytest.mark.parametrize(("variant", "is_group"), [("documented", False), ("batched", True)])
def test_celery_sends_them_as_a_group(tmp_path: Path, variant: str, *, is_group: bool) -> None:
    """Each message of a group names it."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    try:
        enqueue(server.url, "celery_queue", "signup", [uuid4()], variant)
        with redis.Redis.from_url(server.url) as client:
            messages = [json.loads(one) for one in client.lrange(QUEUE, 0, -1)]
    finally:
        server.child.kill()
    groups = {message["headers"]["group"] for message in messages}
    assert len(messages) == 3
    assert len(groups) == 1
    assert (None not in groups) == is_group
