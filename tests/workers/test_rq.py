"""RQ as its documentation has it: its client, its workers, and what is said of their settings."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest
from fastapi import BackgroundTasks
from redis import Redis
from rq import Queue, Worker
from rq.defaults import DEFAULT_RESULT_TTL

from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.model import DOCUMENTED, HARDENED, Job, Setting, Wiring
from after202.servers.valkey import Valkey
from apps import registry
from workers import rq_overrides, rq_queue
from workers.rq_client import connection, queue_of

SLOTS = 2
READY_S = 60.0
# What a connection keeps to itself is an object of its own in each of them.
ALIKE = (bool, int, float, str, type(None))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give a broker of one's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


@contextmanager
def workers_of(variant: str, broker: str, folder: Path) -> Iterator[tuple[Child, Queue]]:
    """Run a variant's workers until all are registered; give them and their queue."""
    wiring = Wiring(
        broker_url=broker, queue="after202_rq", variant=variant, slots=SLOTS,
        ledger_folder=str(folder),
    )  # fmt: skip
    command = [sys.executable, "-m", "workers", "run", "rq_queue"]
    child = Child(Launch("worker", command, folder / "worker.log", wiring.environment()))
    queue = queue_of(wiring)
    try:
        until("the workers", lambda: len(pids(queue)) == SLOTS, READY_S, [child])
        yield child, queue
    finally:
        child.kill()


def pids(queue: Queue) -> set[int]:
    """Return the process ids of the registered workers that are alive."""
    found = {worker.pid for worker in Worker.all(queue=queue)}
    return {pid for pid in found if pid is not None and psutil.pid_exists(pid)}


def settings(variant: str, wiring: Wiring | None = None) -> dict[str, Setting]:
    """Return what the strategy says of a variant's settings, by name."""
    chosen = (wiring or Wiring()).model_copy(update={"variant": variant})
    facts = registry.load("rq_queue").facts(chosen)
    return {setting.name: setting for setting in facts.settings}


def test_the_client_is_that_of_rqs_documentation() -> None:
    """`Redis(host=..., port=...)` retries with a growing wait; `Redis.from_url` alone does not."""
    url = "redis://:secret@127.0.0.1:7777/3"
    parts = urlsplit(url)
    documented = Redis(host=parts.hostname or "", port=7777, db=3, password=parts.password)

    def connected(client: Redis) -> dict[str, Any]:
        return vars(client.connection_pool.make_connection())

    ours, theirs, bare = map(connected, (connection(url), documented, Redis.from_url(url)))
    assert ours.keys() == theirs.keys()
    plain = {name for name, value in theirs.items() if isinstance(value, ALIKE)}
    assert {"port", "db", "password", "health_check_interval"} <= plain
    assert {name: ours[name] for name in plain} == {name: theirs[name] for name in plain}
    assert ours["retry"] == theirs["retry"] != bare["retry"]
    assert ours["retry"].get_retries() > 0 == bare["retry"].get_retries()


@pytest.mark.parametrize("variant", [DOCUMENTED, HARDENED])
def test_a_default_is_not_said_to_be_ours(variant: str) -> None:
    """It is stated, because figures depend on it, and said to be the library's."""
    stated = settings(variant)
    for name in ("result_ttl", "connection retries", "socket_timeout, socket_connect_timeout"):
        assert stated[name].is_default
    assert stated["result_ttl"].value == f"{DEFAULT_RESULT_TTL} s"
    ours = {name for name, setting in stated.items() if not setting.is_default}
    assert {"serializer", "queue"} <= ours
    assert ("retry_max" in ours) == (variant == HARDENED)


def test_settings_are_read_from_what_runs() -> None:
    """A client with another time-out has another value."""
    wiring = Wiring(broker_url="redis://127.0.0.1:7777/0?socket_timeout=3")
    assert settings(DOCUMENTED, wiring)["socket_timeout, socket_connect_timeout"].value == (
        "3.0 s, 5 s"
    )
    worker = rq_overrides.idle(rq_queue.SETUPS[HARDENED].worker)
    for name in rq_overrides.INTERVALS:
        assert settings(HARDENED)[name].value == str(getattr(worker, name))


def test_what_a_profile_overrides_is_what_workers_and_messages_have() -> None:
    """The other options stay as the variant has them, and the bound on redelivery follows."""
    given: dict[str, Any] = {"maintenance_interval": 30, "retry_max": 7}
    wiring = Wiring(variant=HARDENED, overrides=given)
    usual, setup = rq_queue.SETUPS[HARDENED], rq_queue.setup_of(wiring)
    before, worker = rq_overrides.idle(usual.worker), rq_overrides.idle(setup.worker)
    assert (before.maintenance_interval, worker.maintenance_interval) == (1, 30)
    assert (before.worker_ttl, before.job_monitoring_interval) == (
        worker.worker_ttl, worker.job_monitoring_interval,
    )  # fmt: skip
    assert setup.retry is not None
    assert setup.retry.max == 7
    facts = registry.load("rq_queue").facts(wiring)
    assert facts.redelivery_s == usual.redelivery_s + 29
    (maintenance,) = (one for one in facts.settings if one.name == "maintenance_interval")
    assert maintenance.value == "30"
    assert maintenance.why == "the profile sets maintenance_interval = 30, retry_max = 7"


def test_an_override_of_documented_rq_changes_nothing_else() -> None:
    """Without one, its workers are RQ's own class, and nothing is retried."""
    documented = rq_queue.setup_of(Wiring())
    assert documented.worker is Worker
    assert documented.retry is None
    setup = rq_queue.setup_of(Wiring(overrides={"worker_ttl": 20, "retry_max": 0}))
    assert rq_overrides.idle(setup.worker).worker_ttl == 20
    assert rq_overrides.idle(setup.worker).maintenance_interval == 600
    assert setup.retry is None


@pytest.mark.processes
@pytest.mark.parametrize("variant", [DOCUMENTED, "one_message", "batched"])
def test_an_overridden_retry_is_in_every_message(
    broker: str, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the variant enqueues."""
    wiring = Wiring(
        broker_url=broker, queue="after202_retry", variant=variant, overrides={"retry_max": 7}
    )
    queue = queue_of(wiring)
    monkeypatch.setattr(rq_queue, "queue", lambda: queue)
    job = Job(id=uuid4(), workload="login", request={})
    chosen = registry.load("rq_queue").variant(wiring)

    async def submit() -> None:
        await chosen.submit(job, BackgroundTasks())

    asyncio.run(submit())
    assert {message.retries_left for message in queue.jobs} == {7}


@pytest.mark.processes
@pytest.mark.parametrize("variant", [DOCUMENTED, "plain_workers"])
def test_only_a_pool_runs_the_scheduler(tmp_path: Path, broker: str, variant: str) -> None:
    """What is said of a pool's cost is true, and plain workers have nothing of it."""
    with workers_of(variant, broker, tmp_path) as (child, queue):
        has_scheduler = variant == DOCUMENTED
        if has_scheduler:
            until("the scheduler", lambda: queue.scheduler_pid is not None, READY_S, [child])
        assert (queue.scheduler_pid is not None) == has_scheduler
        assert ("scheduler" in settings(variant)) == has_scheduler
        assert len(child.tree()) == 1 + SLOTS + has_scheduler


@pytest.mark.processes
def test_a_plain_worker_that_ends_is_started_again(tmp_path: Path, broker: str) -> None:
    """A supervisor would; the other worker goes on."""
    with workers_of("plain_workers", broker, tmp_path) as (child, queue):
        ended, other = before = sorted(pids(queue))
        os.kill(ended, signal.SIGKILL)
        again = lambda: len(pids(queue) - {ended}) == SLOTS  # noqa: E731
        until("another worker", again, READY_S, [child])
        assert other in pids(queue)
        assert pids(queue) != set(before)


@pytest.mark.processes
def test_plain_workers_end_when_they_are_told_to(tmp_path: Path, broker: str) -> None:
    """TERM to the one that watches ends all of them in good order."""
    with workers_of("plain_workers", broker, tmp_path) as (child, queue):
        assert child.stop(READY_S)
        assert child.exit_code == 0
        deadline_s = time.monotonic() + READY_S
        while Worker.count(queue=queue) and time.monotonic() < deadline_s:
            time.sleep(0.1)
        assert Worker.count(queue=queue) == 0
