"""What SAQ's queue still holds: real messages, a real broker, a real worker."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from after202.hosts.local import until
from after202.kernel.model import HARDENED, Look
from tests.workers.queued import TIMEOUT_S, queued

pytestmark = pytest.mark.processes
NAME = "saq_queue"
# While there is this key, no worker sweeps. The first sweep of a worker that starts would take jobs
# for stuck that it has fetched at that moment and not marked as active yet.
LOCK = "saq:after202_tried:sweep"


def test_jobs_that_wait_are_held_by_their_own_ids(broker: str, tmp_path: Path) -> None:
    """Whether a job is three messages or, because its order matters, one."""
    queue = queued(NAME, tmp_path, broker, slots=1)
    signup, process = uuid4(), uuid4()
    assert queue.held() == Look()
    queue.enqueue_jobs("signup", signup)
    queue.enqueue_jobs("process", process)
    assert queue.held() == Look(held={str(signup): "queue", str(process): "queue"})
    with redis.Redis.from_url(broker) as client:
        assert client.llen(f"saq:{queue.wiring.queue}:queued") == 3 + 1


@pytest.mark.parametrize("variant", ["documented", HARDENED])
def test_what_a_dead_worker_held_is_swept_when_its_time_is_up(
    broker: str, tmp_path: Path, variant: str
) -> None:
    """It is held as active until then; only the hardened variant tries it again."""
    queue = queued(
        NAME, tmp_path, broker, variant, slots=1, overrides={"timeout": 1, "timers.sweep": 1}
    )
    job = uuid4()
    queue.enqueue_jobs("slow", job)
    with redis.Redis.from_url(broker) as client:
        client.set(LOCK, 1, ex=60)
    queue.kill_worker_when_held(Look(held={str(job): "active"}))
    assert queue.held() == Look(held={str(job): "active"})
    with redis.Redis.from_url(broker) as client:
        client.delete(LOCK)
    failed = {} if variant == HARDENED else {str(job): "aborted"}
    with queue.worker() as child:
        queue.until_held(Look(failed=failed), child)


@pytest.mark.parametrize(("variant", "tries"), [("documented", 1), (HARDENED, 4)])
def test_a_job_that_raises_is_kept_as_failed(
    broker: str, tmp_path: Path, variant: str, tries: int
) -> None:
    """Its key says so; only the hardened variant tries it again."""
    queue = queued(NAME, tmp_path, broker, variant, slots=1)
    fails, works = uuid4(), uuid4()
    queue.enqueue_jobs("raises", fails)
    queue.enqueue_jobs("empty", works)
    with redis.Redis.from_url(broker) as client, queue.worker() as child:
        client.set(LOCK, 1, ex=60)
        queue.until_held(Look(failed={str(fails): "failed"}), child)
        known = json.loads(client.get(f"saq:job:{queue.wiring.queue}:{fails}:0") or b"")
        assert known["attempts"] == tries


def test_the_worker_calls_no_function_but_ours(broker: str, tmp_path: Path) -> None:
    """It knows the functions that it was given, and imports none."""
    queue, made = queued(NAME, tmp_path, broker, slots=1), tmp_path / "made"
    own = queue.wiring.queue
    foreign = {
        "function": "os.system", "queue": own, "key": "a", "status": "queued",
        "kwargs": {"command": f"touch {made}"},
    }  # fmt: skip
    with redis.Redis.from_url(broker) as client:
        name = f"saq:job:{own}:a"
        client.set(LOCK, 1, ex=60)
        client.set(name, json.dumps(foreign))
        client.zadd(f"saq:{own}:incomplete", {name: 0})
        client.rpush(f"saq:{own}:queued", name)
    assert queue.held() == Look(unread=1)
    with queue.worker() as child:
        said = "self.functions[job.function]"
        until("the worker's word", lambda: said in child.log_text(), TIMEOUT_S, [child])
        queue.until_held(Look(failed={"a": "failed"}), child)
    assert not made.exists()


def test_a_dead_broker_says_nothing(tmp_path: Path) -> None:
    """Nothing there is not the same as nothing known."""
    assert queued(NAME, tmp_path, "redis://127.0.0.1:1/0").held() is None
