"""What arq's queue still holds: real messages, a real broker, a real worker."""

import json
import time
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from after202.hosts.local import until
from after202.kernel.model import HARDENED, Look
from tests.workers.queued import TIMEOUT_S, queued

pytestmark = pytest.mark.processes
NAME = "arq_queue"


def test_jobs_that_wait_are_held_by_their_own_ids(broker: str, tmp_path: Path) -> None:
    """Whether a job is three messages or, because its order matters, one; none is a pickle."""
    queue = queued(NAME, tmp_path, broker, slots=1)
    signup, process, later = uuid4(), uuid4(), uuid4()
    queue.enqueue_jobs("signup", signup)
    queue.enqueue_jobs("process", process)
    queue.enqueue_jobs("empty", later)
    own = queue.wiring.queue
    with redis.Redis.from_url(broker) as client:
        assert client.zcard(own) == 3 + 1 + 1
        client.zadd(own, {f"{own}:{later}:0": time.time() * 1000 + 60_000})
        messages = [json.loads(client.get(key) or b"") for key in client.scan_iter("arq:job:*")]
    assert {message["a"][0]["id"] for message in messages} == {
        str(job) for job in (signup, process, later)
    }
    assert queue.held() == Look(
        held={str(signup): "queue", str(process): "queue", str(later): "scheduled"}
    )


def test_what_a_dead_worker_held_comes_back_when_its_key_expires(
    broker: str, tmp_path: Path
) -> None:
    """Until then it is held as in progress; the key lives 10 s longer than a job may take."""
    queue = queued(NAME, tmp_path, broker, HARDENED, slots=1, overrides={"job_timeout": 1})
    job = uuid4()
    queue.enqueue_jobs("slow", job)
    queue.kill_worker_when_held(Look(held={str(job): "in progress"}))
    assert queue.held() == Look(held={str(job): "in progress"})
    with redis.Redis.from_url(broker) as client:
        (key,) = client.scan_iter("arq:in-progress:*")
        assert 0 < client.pttl(key) <= 11_000
        # Its time is up
        client.delete(key)
    assert queue.held() == Look(held={str(job): "queue"})
    with queue.worker() as child:
        queue.until_held(Look(), child)


@pytest.mark.parametrize(("variant", "tries"), [("documented", 1), (HARDENED, 5)])
def test_a_job_that_raises_is_kept_as_failed(
    broker: str, tmp_path: Path, variant: str, tries: int
) -> None:
    """Its result says so; only the hardened variant tries it again."""
    queue = queued(NAME, tmp_path, broker, variant, slots=1)
    fails, works = uuid4(), uuid4()
    queue.enqueue_jobs("raises", fails)
    queue.enqueue_jobs("empty", works)
    with queue.worker() as child:
        queue.until_held(Look(failed={str(fails): "result"}), child)
    with redis.Redis.from_url(broker) as client:
        own = queue.wiring.queue
        result = json.loads(client.get(f"arq:result:{own}:{fails}:0") or b"")
        assert result["t"] == tries
        assert "raises on purpose" in result["r"]


def test_the_worker_calls_no_function_but_ours(broker: str, tmp_path: Path) -> None:
    """It knows the functions that it was given, imports none, and loads no pickle."""
    queue, made = queued(NAME, tmp_path, broker, slots=1), tmp_path / "made"
    named: dict[str, object] = {
        "t": None,
        "f": "os.system",
        "a": [f"touch {made}"],
        "k": {},
        "et": 1,
    }
    pickled = f"cos\nsystem\n(S'touch {made}'\ntR.".encode()
    with redis.Redis.from_url(broker) as client:
        for name, body in {"named": json.dumps(named).encode(), "pickled": pickled}.items():
            client.set(f"arq:job:{name}", body)
            client.zadd(queue.wiring.queue, {name: 1})
    assert queue.held() == Look(unread=2)
    with queue.worker() as child:
        for said in (", function 'os.system' not found", "deserializing job pickled failed"):
            until(said, lambda said=said: said in child.log_text(), TIMEOUT_S, [child])  # type: ignore[misc]
        queue.until_held(Look(), child)
    assert not made.exists()


def test_a_dead_broker_says_nothing(tmp_path: Path) -> None:
    """Nothing there is not the same as nothing known."""
    assert queued(NAME, tmp_path, "redis://127.0.0.1:1/0").held() is None
