"""What taskiq's stream, or list, still holds: real messages, a real broker, a real worker."""

import json
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis

from after202.hosts.local import until
from after202.kernel.model import HARDENED, Look
from tests.workers.queued import TIMEOUT_S, queued

pytestmark = pytest.mark.processes
NAME = "taskiq_queue"


def look(*jobs: UUID, **places: UUID) -> Look:
    """Return the look at a queue in which some jobs wait, and others are in other places."""
    waiting = dict.fromkeys(map(str, jobs), "queue")
    return Look(held=waiting | {str(job): place for place, job in places.items()})


@pytest.mark.parametrize("variant", ["documented", "list_queue"])
def test_jobs_that_wait_are_held_by_their_own_ids(
    broker: str, tmp_path: Path, variant: str
) -> None:
    """Whether a job is three messages or, because its order matters, one."""
    queue = queued(NAME, tmp_path, broker, variant, slots=1)
    signup, process = uuid4(), uuid4()
    assert queue.held() == Look()
    queue.enqueue_jobs("signup", signup)
    queue.enqueue_jobs("process", process)
    assert queue.held() == look(signup, process)
    with redis.Redis.from_url(broker) as client:
        count = client.llen if variant == "list_queue" else client.xlen
        assert count(queue.wiring.queue) == 3 + 1


def test_what_a_dead_worker_held_comes_back_with_the_next_message_only(
    broker: str, tmp_path: Path
) -> None:
    """It is held as unacknowledged; an idle queue leaves it there, however long that is."""
    # Given a job that a worker was doing, and a job behind it
    queue = queued(NAME, tmp_path, broker, HARDENED, slots=1, overrides={"idle_timeout": 500})
    taken, behind = uuid4(), uuid4()
    queue.enqueue_jobs("slow", taken, behind)
    queue.kill_worker_when_held(look(behind, unacked=taken))
    assert queue.held() == look(behind, unacked=taken)

    # When another comes, it takes what waits; both are acknowledged
    with queue.worker() as child:
        queue.until_held(Look(), child)

    # And when one is taken with none behind it, it stays
    last = uuid4()
    queue.enqueue_jobs("slow", last)
    queue.kill_worker_when_held(look(unacked=last))
    with queue.worker() as child:
        time.sleep(5)
        assert queue.held() == look(unacked=last)

        # Until a message comes
        queue.enqueue_jobs("empty", uuid4())
        queue.until_held(Look(), child)


def test_a_worker_that_nudges_itself_takes_what_a_dead_one_held(
    broker: str, tmp_path: Path
) -> None:
    """Its own messages are nobody's jobs."""
    queue = queued(NAME, tmp_path, broker, "nudged", slots=1, overrides={"idle_timeout": 500})
    job = uuid4()
    queue.enqueue_jobs("slow", job)
    queue.kill_worker_when_held(look(unacked=job))
    with queue.worker() as child:
        queue.until_held(Look(), child)


@pytest.mark.parametrize("variant", ["documented", "list_queue"])
def test_the_worker_calls_no_task_but_ours(broker: str, tmp_path: Path, variant: str) -> None:
    """It knows the tasks that are registered, and imports none; an idle one goes on."""
    queue = queued(NAME, tmp_path, broker, variant, slots=1)
    job, made = uuid4(), tmp_path / "made"
    message = {
        "task_id": "1", "task_name": "os:system", "labels": {}, "labels_types": {},
        "args": [f"touch {made}"], "kwargs": {},
    }  # fmt: skip
    text = json.dumps(message)
    queue.enqueue_jobs("empty", job)
    with redis.Redis.from_url(broker) as client:
        if variant == "list_queue":
            client.lpush(queue.wiring.queue, text)
        else:
            client.xadd(queue.wiring.queue, {"data": text})
    assert queue.held() == look(job).model_copy(update={"unread": 1})
    with queue.worker() as child:
        said = "is not found. Maybe you forgot to import it?"
        until("the worker's word", lambda: said in child.log_text(), TIMEOUT_S, [child])
        if variant == "list_queue":
            # Longer than redis-py waits, unless it is told to
            time.sleep(6)
        assert "Timeout" not in child.log_text()
        assert queue.held() == Look()
    assert not made.exists()


def test_a_dead_broker_says_nothing(tmp_path: Path) -> None:
    """Nothing there is not the same as nothing known."""
    assert queued(NAME, tmp_path, "redis://127.0.0.1:1/0").held() is None
