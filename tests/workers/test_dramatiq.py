"""Dramatiq's queue in each state, with a real worker in Dramatiq's own environment."""

import json
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
import redis

from after202.hosts import environments
from after202.hosts.local import until
from after202.kernel.ledger import EventKind
from after202.kernel.model import HARDENED, Look, StrategyFacts
from tests.workers.queued import QUEUE, TIMEOUT_S, Queued, queued

pytestmark = pytest.mark.processes
STRATEGY = "dramatiq_queue"


@pytest.fixture
def own(tmp_path: Path, broker: str) -> Queued:
    """Give Dramatiq, as documented, with a broker of its own."""
    return queued(STRATEGY, tmp_path, broker)


def test_jobs_that_wait_are_held_by_their_own_ids(own: Queued) -> None:
    """However many messages they are: ordered steps are one, which has the others in it."""
    plain, several, ordered = (own.enqueue(name)[0] for name in ("empty", "signup", "process"))
    assert own.held() == Look(held=dict.fromkeys((plain, several, ordered), "queue"))
    with redis.Redis.from_url(own.wiring.broker_url) as client:
        assert client.llen(f"{QUEUE}:default") == 1 + 3 + 1
        messages = cast("list[bytes]", client.hvals(f"{QUEUE}:default.msgs"))
    assert {json.loads(one)["actor_name"] for one in messages} == {"perform_step"}


def test_what_a_dead_worker_held_is_unacked_and_then_done_by_another(own: Queued) -> None:
    """Once its heartbeat is too old: the next command of a live worker looks for it."""
    quick = own.wired(variant=HARDENED, overrides={"heartbeat_timeout": 2000})
    jobs = quick.enqueue("slow", 3)
    with quick.worker() as child:
        quick.wait(EventKind.START, 2, child)
        child.kill()
    assert quick.events(EventKind.END) == []
    found = quick.held()
    assert found is not None
    # It fetched no more than its two threads do
    assert sorted(found.held.values()) == ["queue", "unacked", "unacked"]
    with quick.worker() as child:
        quick.wait(EventKind.END, 3, child)
        quick.until_held(Look(), child)
    assert set(quick.events(EventKind.END)) == set(map(UUID, jobs))


def test_a_job_that_raises_waits_for_its_retry_and_is_then_dead_lettered(own: Queued) -> None:
    """As documented, for 15 s at least; without retries, it has failed for good."""
    (job,) = own.enqueue("raises")
    with own.worker() as child:
        own.until_held(Look(held={job: "delayed"}), child)
    hopeless = own.wired(queue="after202_hopeless", overrides={"max_retries": 0})
    (job,) = hopeless.enqueue("raises")
    with hopeless.worker() as child:
        hopeless.until_held(Look(failed={job: "dead-letter queue"}), child)
    assert len(own.events(EventKind.FAIL)) == 2


def test_a_worker_calls_no_actor_but_ours(own: Queued, tmp_path: Path) -> None:
    """It says so; the message is kept, and its job cannot be told."""
    made = tmp_path / "made"
    message = {
        "queue_name": "default", "actor_name": "os.system", "args": [f"touch {made}"], "kwargs": {},
        "options": {"redis_message_id": "foreign"}, "message_id": "foreign", "message_timestamp": 1,
    }  # fmt: skip
    with redis.Redis.from_url(own.wiring.broker_url) as client:
        client.hset(f"{QUEUE}:default.msgs", "foreign", json.dumps(message))
        client.rpush(f"{QUEUE}:default", "foreign")
        with own.worker() as child:
            said = lambda: facts().foreign_message in child.log_text()  # noqa: E731
            until("the worker's word", said, TIMEOUT_S, [child])
            dead = lambda: client.hexists(f"{QUEUE}:default.XQ.msgs", "foreign")  # noqa: E731
            until("the dead letter", dead, TIMEOUT_S, [child])
            assert child.exit_code is None
    assert own.held() == Look(unread=1)
    assert not made.exists()


def test_a_worker_ends_in_good_order(own: Queued) -> None:
    """On TERM it ends what it does, and hands back what it had fetched."""
    own.enqueue("slow", 4)
    with own.worker() as child:
        own.wait(EventKind.START, 2, child)
        assert child.stop(TIMEOUT_S)
        assert child.exit_code == 0
    ended = len(own.events(EventKind.END))
    found = own.held()
    assert found is not None
    assert list(found.held.values()) == ["queue"] * (4 - ended)
    assert len(own.events(EventKind.START)) == ended >= 2


def test_a_dead_broker_says_nothing(own: Queued) -> None:
    """Nothing there is not the same as nothing known."""
    assert own.wired(broker_url="redis://127.0.0.1:1/0").held() is None


def test_the_bound_on_redelivery_follows_from_the_settings(own: Queued) -> None:
    """A heartbeat's time-out, and as many commands as it takes by chance in 99 of 100 cases."""
    variants = facts().variants
    assert variants["documented"].redelivery_s == 60 + 4603
    assert variants["hardened"].redelivery_s == 8 + 1
    said = own.wired(overrides={"maintenance_chance": 0, "min_backoff": 7}).run("-c", DESCRIBED)
    assert json.loads(said) == [None, "7", 7]


DESCRIBED = """
import json
from apps import registry
from workers.settings import settings
facts = registry.load("dramatiq_queue").facts(settings())
(backoff,) = [one.value for one in facts.settings if one.name == "min_backoff"]
print(json.dumps([facts.redelivery_s, backoff, facts.overridable["min_backoff"]]))
"""


def facts() -> StrategyFacts:
    """Return what Dramatiq says of itself, from its own interpreter."""
    return environments.describe([STRATEGY])[STRATEGY]
