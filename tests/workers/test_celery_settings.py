"""Celery's settings as its running workers have them, and what they are set for."""

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.app.control import Inspect

from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.model import Job, Look, Wiring
from after202.servers.valkey import Valkey
from workers import celery_queue, celery_settings

pytestmark = pytest.mark.processes
TIMEOUT_S = 60.0
SLOTS = 2
VISIBILITY_S = celery_settings.VISIBILITY_TIMEOUT_S


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give a broker of one's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


class Worker:
    """A worker of one variant, as in a trial, and its queue."""

    def __init__(self, broker: str, variant: str, child: Child, wiring: Wiring) -> None:
        """Keep what is asked later."""
        self.broker, self.variant, self.child, self.wiring = broker, variant, child, wiring
        self.app = Celery("asking", set_as_current=False)
        self.app.conf.update(celery_queue.configuration(wiring))

    def conf(self) -> dict[str, Any]:
        """Return the configuration that the worker runs with."""
        found: list[dict[str, Any]] = []

        def answers() -> bool:
            found.extend((self._inspect().conf(with_defaults=True) or {}).values())
            return bool(found)

        until("the worker's answer", answers, TIMEOUT_S, [self.child])
        return found[0]

    def _inspect(self) -> Inspect:
        return self.app.control.inspect([celery_settings.node(self.wiring)], timeout=1.0)

    def submit(self, count: int, workload: str) -> list[str]:
        """Send jobs of one step and return their ids."""
        task = celery_queue.SETUPS[self.variant].task.name
        jobs = [Job(id=uuid4(), workload=workload, request={}) for _ in range(count)]
        for job in jobs:
            self.app.send_task(task, (job.model_dump(mode="json"), 0))
        return [str(job.id) for job in jobs]

    def look(self) -> Look:
        """Return what the queue holds."""
        found = celery_queue.held(self.wiring)
        assert found is not None
        return found

    def until_taken(self, held: int, places: dict[str, int]) -> None:
        """Wait until the queue holds this many jobs, in these places."""

        def is_so() -> bool:
            places_now = self.look().held.values()
            return len(places_now) == held and Counter(places_now) == places

        until(f"{places} held", is_so, TIMEOUT_S, [self.child])

    def until_none_waits(self) -> None:
        """Wait until the worker has fetched all that was sent."""

        def is_so() -> bool:
            return "queue" not in self.look().held.values()

        until("all fetched", is_so, TIMEOUT_S, [self.child])

    def until_begun(self, count: int) -> None:
        """Wait until the worker's processes do this many jobs: one that is fetched may wait yet."""

        def is_so() -> bool:
            return [len(tasks) for tasks in (self._inspect().active() or {}).values()] == [count]

        until(f"{count} begun", is_so, TIMEOUT_S, [self.child])


@contextmanager
def worker(broker: str, variant: str, folder: Path) -> Iterator[Worker]:
    """Run a worker of this variant."""
    (folder / "ledger").mkdir(exist_ok=True)
    wiring = Wiring(
        variant=variant, broker_url=broker, queue="after202_settings", slots=SLOTS,
        ledger_folder=str(folder / "ledger"), data_folder=str(folder),
    )  # fmt: skip
    command = [sys.executable, "-m", "workers", "run", "celery_queue"]
    child = Child(Launch("worker", command, folder / "worker.log", wiring.environment()))
    try:
        yield Worker(broker, variant, child, wiring)
    finally:
        child.kill()


@pytest.mark.parametrize("variant", celery_queue.SETUPS)
def test_a_running_worker_has_the_settings_that_are_told(
    tmp_path: Path, broker: str, variant: str
) -> None:
    """Read back from the worker itself: what is told and what is so cannot drift."""
    setup = celery_queue.SETUPS[variant]
    with worker(broker, variant, tmp_path) as running:
        found = running.conf()
    told = {one.name: one.value for one in setup.settings}
    for name, (value, _) in setup.conf.items():
        has = found[name]
        if isinstance(value, dict):
            has = {key: has[key] for key in value}
        assert has == value, name
        assert told[name] == str(value)
    untold = {"task_acks_late", "worker_disable_prefetch", "worker_soft_shutdown_timeout"} - {*told}
    assert not any(found[name] for name in untold)


@pytest.mark.parametrize("variant", ["hardened", "deduplicated", "short_visibility"])
def test_the_visibility_timeout_is_the_same_in_all_three_places(variant: str) -> None:
    """As "Using Redis" requires; one that is left out is an hour."""
    conf = celery_queue.configuration(Wiring(variant=variant))
    options = conf["broker_transport_options"], conf["result_backend_transport_options"]
    assert [one["visibility_timeout"] for one in options] == [VISIBILITY_S] * 2
    assert conf["visibility_timeout"] == VISIBILITY_S


@pytest.mark.parametrize(
    ("variant", "places"),
    [
        ("documented", {"unacked": 4 * SLOTS, "queue": 4}),
        ("threads", {"unacked": 4 * SLOTS, "queue": 4}),
        ("no_prefetch", {"queue": 12}),
        ("hardened", {"unacked": SLOTS, "queue": 12}),
    ],
)
def test_what_a_busy_worker_has_fetched_is_what_would_be_stranded(
    tmp_path: Path, broker: str, variant: str, places: dict[str, int]
) -> None:
    """Of 14 long jobs, documented Celery fetches four ahead for each slot.

    It has acknowledged those that it does. Without prefetch it fetches none ahead; hardened,
    `unacked` holds nothing but what is being done.
    """
    with worker(broker, variant, tmp_path) as running:
        running.submit(14, "long")
        running.until_taken(sum(places.values()), places)


def test_a_worker_that_is_told_to_end_hands_back_what_it_does_not_finish(
    tmp_path: Path, broker: str
) -> None:
    """TERM begins a soft shutdown: a short task ends, a long one waits in the list again."""
    with worker(broker, "hardened", tmp_path) as running:
        (long,) = running.submit(1, "long")
        running.until_begun(1)
        running.submit(1, "slow")
        running.until_none_waits()
        running.child.signal(signal.SIGTERM)
        until("its end", lambda: running.child.exit_code is not None, TIMEOUT_S, [])
        log = running.child.log_text()
        assert "Initiating Soft Shutdown, terminating in 2.0 seconds" in log
        assert running.look() == Look(held={long: "queue"})
