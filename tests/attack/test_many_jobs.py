"""A hundred thousand jobs through each queue: none is lost, and none is done twice."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from after202.hosts.local import Child
from after202.hosts.part import Launch
from after202.kernel import ledger
from after202.kernel.ledger import EventKind, LedgerReader
from after202.kernel.model import Wiring
from after202.servers.valkey import Valkey
from tests.project import ROOT

pytestmark = [pytest.mark.attack, pytest.mark.processes]
JOBS = int(os.environ.get("AFTER202_ATTACK_JOBS", "100000"))
SLOTS = 2
ENDED_S = 1200.0
BATCH = 1000
# Enqueues the same messages as the API does, but many at a time.
ENQUEUE = """
import asyncio, sys
from uuid import UUID
from after202.kernel.model import Job
from apps import registry
from workers import celery_queue, rq_queue
from workers.settings import settings

def with_celery(messages):
    with celery_queue.app.producer_pool.acquire(block=True) as producer:
        for message in messages:
            celery_queue.perform_step.apply_async((message, 0), producer=producer)

def with_rq(messages):
    task, queue = rq_queue.SIMPLE_WORKER.task, rq_queue.queue()
    queue.enqueue_many(queue.prepare_data(task, (message, 0)) for message in messages)

async def main(source, jobs, batch):
    enqueue = {"celery_queue": with_celery, "rq_queue": with_rq}[source]
    async with registry.load(source).running(settings()):
        for first in range(0, jobs, batch):
            numbers = range(first + 1, first + batch + 1)
            made = [Job(id=UUID(int=n), workload="empty", request={}) for n in numbers]
            enqueue([job.model_dump(mode="json") for job in made])

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    """Give a broker of one's own, and a ledger."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    (tmp_path / "ledger").mkdir()
    folder = str(tmp_path / "ledger")
    yield Wiring(broker_url=server.url, queue="after202_many", slots=SLOTS, ledger_folder=folder)
    server.child.kill()


@pytest.mark.parametrize(
    ("strategy", "variant"), [("celery_queue", "documented"), ("rq_queue", "simple_worker")]
)
def test_every_one_of_many_jobs_is_done_once(
    tmp_path: Path, wiring: Wiring, strategy: str, variant: str
) -> None:
    """As fast as the queue can be filled, while its workers empty it."""
    environment = wiring.model_copy(update={"variant": variant}).environment()
    command = [sys.executable, "-m", "workers", "run", strategy]
    worker = Child(Launch("worker", command, tmp_path / "worker.log", environment))
    try:
        subprocess.run(
            [sys.executable, "-c", ENQUEUE, strategy, str(JOBS), str(BATCH)],
            cwd=ROOT, env={**os.environ, **environment}, check=True, timeout=ENDED_S,
        )  # fmt: skip
        _wait_for_ends(tmp_path / "ledger", worker)
    finally:
        worker.kill()
    events = [event for file in ledger.read_folder(tmp_path / "ledger") for event in file.events]
    for kind in (EventKind.START, EventKind.END):
        times = Counter(event.job_id.int for event in events if event.kind is kind)
        assert set(times) == set(range(1, JOBS + 1))
        assert set(times.values()) == {1}
    assert not any(event.kind is EventKind.FAIL for event in events)


def _wait_for_ends(folder: Path, worker: Child) -> None:
    """Wait until as many steps have ended as there are jobs, and a moment longer."""
    reader, ended, deadline_s = LedgerReader(folder), 0, time.monotonic() + ENDED_S
    while ended < JOBS and time.monotonic() < deadline_s:
        worker.require_alive()
        ended += sum(event.kind is EventKind.END for event in reader.new_events())
        time.sleep(0.2)
    time.sleep(1)
