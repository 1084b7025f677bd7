"""Huey's queue in each state, with a real worker in Huey's own environment."""

import json
from pathlib import Path
from uuid import UUID

import pytest
import redis

from after202.hosts import environments
from after202.hosts.local import until
from after202.kernel.ledger import EventKind
from after202.kernel.model import HARDENED, Look
from tests.workers.queued import QUEUE, TIMEOUT_S, Queued, queued

pytestmark = pytest.mark.processes
STRATEGY = "huey_queue"
LIST = f"huey.redis.{QUEUE}"
# What only our serializer must keep: a time, a pipeline, tuples of arguments, and an error.
ROUND_TRIP = """
from datetime import datetime, timezone
from huey.registry import Message
from huey.utils import Error
from workers.huey_json import JSONSerializer
own = JSONSerializer()
last = Message("2", "name", args=({"id": 1}, 1), kwargs={})
eta = datetime(2026, 11, 30, 12, 0, 0, 7)
first = Message("1", "name", eta=eta, retries=3, args=({"id": 1}, 0), kwargs={}, on_complete=last)
for each in (first, Error({"retries": 0}), {"a": [1, None]}, "text"):
    written = own.serialize(each)
    assert own.deserialize(written) == each, written
    assert type(own.deserialize(written)) is type(each)
for refused in (first._replace(chord_config=("id", 1, 0, last)), {1, 2}):
    try:
        own.serialize(refused)
    except TypeError:
        continue
    raise AssertionError(refused)
"""


@pytest.fixture
def own(tmp_path: Path, broker: str) -> Queued:
    """Give Huey, as documented, with a broker of its own."""
    return queued(STRATEGY, tmp_path, broker)


def test_jobs_that_wait_are_held_by_their_own_ids(own: Queued) -> None:
    """However many messages they are: ordered steps are one, which has the others in it."""
    plain, several, ordered = (own.enqueue(name)[0] for name in ("empty", "signup", "process"))
    assert own.held() == Look(held=dict.fromkeys((plain, several, ordered), "queue"))
    with redis.Redis.from_url(own.wiring.broker_url) as client:
        messages = [json.loads(one)["message"] for one in client.lrange(LIST, 0, -1)]
    assert len(messages) == 1 + 3 + 1
    assert messages[0]["on_complete"]["args"] == [messages[0]["args"][0], 1]


def test_a_message_as_json_is_the_same_message(own: Queued) -> None:
    """And what JSON cannot hold is refused, not changed."""
    own.run("-c", ROUND_TRIP)


def test_what_a_killed_worker_did_is_nowhere(own: Queued) -> None:
    """Huey takes a message from Redis before its work is done, whatever the variant."""
    hardened = own.wired(variant=HARDENED)
    jobs = hardened.enqueue("slow", 3)
    with hardened.worker() as child:
        hardened.wait(EventKind.START, 2, child)
        child.kill()
    begun = set(hardened.events(EventKind.START))
    (left,) = set(map(UUID, jobs)) - begun
    assert hardened.events(EventKind.END) == []
    assert hardened.held() == Look(held={str(left): "queue"})


def test_a_failure_is_kept_with_the_job_and_a_retry_is_in_the_schedule(own: Queued) -> None:
    """Only the failure after which no retry is left counts."""
    (job,) = own.enqueue("raises")
    with own.worker() as child:
        own.until_held(Look(failed={job: "result store"}), child)
    patient = own.wired(queue="after202_patient", overrides={"retries": 1, "retry_delay": 3600})
    (job,) = patient.enqueue("raises")
    with patient.worker() as child:
        patient.until_held(Look(held={job: "schedule"}), child)
    assert len(own.events(EventKind.FAIL)) == 2


@pytest.mark.parametrize(("variant", "is_finished"), [("documented", False), (HARDENED, True)])
def test_a_deploy_waits_for_what_runs_if_term_is_graceful(
    own: Queued, variant: str, is_finished: bool
) -> None:
    """As documented, only INT is: TERM ends the consumer in the middle of its tasks, which go."""
    chosen = own.wired(variant=variant)
    chosen.enqueue("slow", 2)
    with chosen.worker() as child:
        chosen.wait(EventKind.START, 2, child)
        assert child.stop(TIMEOUT_S)
    assert len(chosen.events(EventKind.END)) == (2 if is_finished else 0)
    assert chosen.held() == Look()


def test_a_task_that_is_interrupted_goes_back_to_the_queue(own: Queued) -> None:
    """In the hardened variant, once the consumer has waited for as long as it is told to."""
    impatient = own.wired(variant=HARDENED, overrides={"shutdown_timeout": 2})
    (job,) = impatient.enqueue("long")
    with impatient.worker() as child:
        impatient.wait(EventKind.START, 1, child)
        assert child.stop(TIMEOUT_S)
        assert child.exit_code == 0
    assert impatient.events(EventKind.END) == []
    assert impatient.held() == Look(held={job: "queue"})


def test_a_worker_calls_no_task_but_ours(own: Queued, tmp_path: Path) -> None:
    """It says so, and goes on; what cannot be read waits as a message of no job."""
    made = tmp_path / "made"
    (job,) = own.enqueue("empty")
    with redis.Redis.from_url(own.wiring.broker_url) as client:
        (ours,) = client.lrange(LIST, 0, -1)
        foreign = json.loads(ours)
        foreign["message"] |= {"name": "os.system", "args": [f"touch {made}"]}
        client.rpush(LIST, json.dumps(foreign), b"not JSON")
        assert own.held() == Look(held={job: "queue"}, unread=2)
        with own.worker() as child:
            own.wait(EventKind.END, 1, child)
            said = environments.describe([STRATEGY])[STRATEGY].foreign_message
            until("its word", lambda: said in child.log_text(), TIMEOUT_S, [child])
            assert child.exit_code is None
    assert not made.exists()


def test_a_dead_broker_says_nothing(own: Queued) -> None:
    """Nothing there is not the same as nothing known."""
    assert own.wired(broker_url="redis://127.0.0.1:1/0").held() is None
