"""What is still in a queue's own structures, of real messages on a real broker."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis
from rq import Queue
from rq.job import Job as RqJob
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

import workers
from after202.kernel.model import Look, Wiring
from after202.servers.valkey import Valkey
from tests.project import ROOT

pytestmark = pytest.mark.processes
QUEUE = "after202_inspected"
ENQUEUE = """
import asyncio, sys
from uuid import UUID
from fastapi import BackgroundTasks
from after202.kernel.model import Job
from apps import registry
from workers.settings import settings

async def main(source, variant, workload, *ids):
    strategy = registry.load(source)
    async with strategy.running(settings()):
        for each in ids:
            job = Job(id=UUID(each), workload=workload, request={})
            await strategy.variants[variant].submit(job, BackgroundTasks())

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give a broker of one's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


def enqueue(
    broker: str, strategy: str, workload: str, jobs: list[UUID], variant: str = "documented"
) -> None:
    """Enqueue as the API does; no worker runs."""
    wiring = Wiring(broker_url=broker, queue=QUEUE, variant=variant)
    command = [sys.executable, "-c", ENQUEUE, strategy, variant, workload, *map(str, jobs)]
    environment = {**os.environ, **wiring.environment()}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)


def held(broker: str, strategy: str) -> Look | None:
    """Return what the queue's own module says that it holds."""
    look: Look | None = workers.load(strategy).held(Wiring(broker_url=broker, queue=QUEUE))
    return look


def ids(number: int) -> list[UUID]:
    """Return new ids."""
    return [uuid4() for _ in range(number)]


@pytest.mark.parametrize("strategy", ["celery_queue", "rq_queue"])
def test_jobs_that_wait_are_held(broker: str, strategy: str) -> None:
    """By their own ids, not by those of the queue's messages."""
    jobs = ids(3)
    enqueue(broker, strategy, "empty", jobs)
    assert held(broker, strategy) == Look(held=dict.fromkeys(map(str, jobs), "queue"))


@pytest.mark.parametrize(
    ("variant", "messages"), [("documented", 3), ("one_message", 1), ("batched", 3)]
)
@pytest.mark.parametrize("strategy", ["celery_queue", "rq_queue"])
def test_a_job_is_held_however_many_messages_it_is(
    broker: str, strategy: str, variant: str, messages: int
) -> None:
    """A sign-up has three steps, and one name."""
    (job,) = jobs = ids(1)
    enqueue(broker, strategy, "signup", jobs, variant)
    assert held(broker, strategy) == Look(held={str(job): "queue"})
    with redis.Redis.from_url(broker) as client:
        key = QUEUE if strategy == "celery_queue" else Queue(QUEUE, connection=client).key
        assert client.llen(key) == messages


@pytest.mark.parametrize("strategy", ["celery_queue", "rq_queue"])
def test_a_strategy_on_top_of_another_fills_its_queue(broker: str, strategy: str) -> None:
    """There is one worker for both, and one who looks."""
    jobs = ids(2)
    enqueue(broker, f"_lossy_{strategy}", "empty", jobs)
    assert held(broker, strategy) == Look(held=dict.fromkeys(map(str, jobs), "queue"))


def test_a_job_with_ordered_steps_is_held_once(broker: str) -> None:
    """RQ keeps the later steps in a registry of what is deferred."""
    (job,) = jobs = ids(1)
    enqueue(broker, "rq_queue", "process", jobs)
    found = held(broker, "rq_queue")
    assert found is not None
    assert list(found.held) == [str(job)]


def test_a_message_that_a_celery_worker_took_and_did_not_acknowledge_is_held(broker: str) -> None:
    """Kombu keeps it in a hash, with where it came from."""
    (job,) = jobs = ids(1)
    enqueue(broker, "celery_queue", "empty", jobs)
    with redis.Redis.from_url(broker) as client:
        message = client.rpop(QUEUE)
        client.hset(f"{QUEUE}.unacked", "tag", json.dumps([json.loads(message), "", QUEUE]))
    assert held(broker, "celery_queue") == Look(held={str(job): "unacked"})


def test_what_an_rq_worker_took_is_held_and_what_failed_is_kept_as_failed(broker: str) -> None:
    """On its way to a worker, begun by one, failed: three jobs in three places."""
    jobs = ids(3)
    enqueue(broker, "rq_queue", "empty", jobs)
    with redis.Redis.from_url(broker) as client:
        queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        own = [RqJob.fetch(i, client, serializer=JSONSerializer) for i in queue.get_job_ids()]
        by_job = {job.args[0]["id"]: job for job in own}
        on_its_way, begun, failed = (by_job[str(job)] for job in jobs)
        client.lrem(queue.key, 1, begun.id)
        client.lrem(queue.key, 1, failed.id)
        client.lmove(queue.key, queue.intermediate_queue_key, "RIGHT", "LEFT")
        registry = StartedJobRegistry(queue=queue)
        client.zadd(registry.key, {f"{begun.id}:execution": time.time() - 1})
        queue.failed_job_registry.add(failed, ttl=60)
    found = held(broker, "rq_queue")
    assert found == Look(
        held={str(jobs[0]): "intermediate", str(jobs[1]): "started"},
        failed={str(jobs[2]): "failed registry"},
    )
    assert on_its_way.id != begun.id
    # Looking has changed nothing: not even what an expired registry would have cleaned up
    assert held(broker, "rq_queue") == found


def test_a_step_that_is_ready_and_not_yet_in_rqs_queue_is_held(broker: str) -> None:
    """Its worker may be killed between the two, and RQ's clean-up enqueues it later."""
    (job,) = jobs = ids(1)
    enqueue(broker, "rq_queue", "process", jobs)
    with redis.Redis.from_url(broker) as client:
        queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        deferred = queue.deferred_job_registry.get_job_ids(cleanup=False)
        with client.pipeline() as pipe:
            queue.ready_job_registry.register_jobs(
                [RqJob.fetch(i, client, serializer=JSONSerializer) for i in deferred], pipe
            )
            pipe.execute()
        client.delete(queue.key)
    assert held(broker, "rq_queue") == Look(held={str(job): "ready"})


@pytest.mark.parametrize("strategy", ["celery_queue", "rq_queue"])
def test_a_dead_broker_says_nothing(strategy: str) -> None:
    """Nothing there is not the same as nothing known."""
    assert held("redis://127.0.0.1:1/0", strategy) is None
