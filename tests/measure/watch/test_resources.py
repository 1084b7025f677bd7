"""What is sampled is what the parts took while it was asked for."""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pyarrow.parquet as pq
import pytest

from after202.hosts.cpus import available_cpus
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.processes import cpu_s
from after202.measure.watch.processors import Processors
from after202.measure.watch.resources import Sampler
from after202.records.experiment import Role

pytestmark = [pytest.mark.alone, pytest.mark.processes]

SPIN = "while True: pass"
ASKED_S, BETWEEN_S = 0.3, 1.5
TICK_S = 0.01
# Says what it and a child that it reaped have taken, and rests.
WORK = """
import os, time
while time.process_time() < 0.1037: pass
if not (pid := os.fork()):
    while time.process_time() < 0.05: pass
    os._exit(0)
used = os.wait4(pid, 0)[2]
print(time.process_time(), used.ru_utime + used.ru_stime)
time.sleep(60)
"""


def test_what_a_role_takes_is_not_taken_by_others(tmp_path: Path) -> None:
    """The same spinner counts as another's if it is no part of the stack, and only then."""
    cpu = available_cpus()[0]
    child = Child(Launch("spinner", [sys.executable, "-c", SPIN], tmp_path / "log", cpus=(cpu,)))
    own_cpus = {Role.API: (cpu,)}
    ours, another_s = Sampler({Role.API: child}, own_cpus), Sampler({}, own_cpus)
    try:
        with ours, another_s:
            start_s = time.monotonic()
            time.sleep(4 * ASKED_S)
            asked_s = time.monotonic() - start_s
    finally:
        child.kill()
    with_it, without = another_s.others_share(), ours.others_share()
    assert with_it is not None
    assert without is not None
    took = ours.usage()[Role.API].cpu_s / asked_s
    assert with_it - without == pytest.approx(took, abs=0.15)
    assert took > 0.2
    assert Sampler({}).others_share() is None


def test_what_is_taken_between_turns_does_not_count(tmp_path: Path) -> None:
    """A process that never rests is seen to have worked for the turns alone."""
    child = Child(Launch("spinner", [sys.executable, "-c", SPIN], tmp_path / "log"))
    try:
        sampler = Sampler({Role.API: child})
        start_s = time.monotonic()
        for _ in range(2):
            with sampler:
                time.sleep(ASKED_S)
            time.sleep(BETWEEN_S)
        all_s = time.monotonic() - start_s
    finally:
        child.kill()
    usage = sampler.usage()[Role.API]
    assert 0 < usage.cpu_s < all_s - 2 * BETWEEN_S + ASKED_S
    assert usage.peak_memory_bytes > 2**20
    sampler.write(tmp_path / "resources.parquet")
    assert pq.read_table(tmp_path / "resources.parquet").num_rows == 4


def test_cpu_time_is_counted_in_nanoseconds(tmp_path: Path) -> None:
    """A sign-up takes BackgroundTasks 4 ms, which is less than a tick of the kernel's counters."""
    child = Child(Launch("worker", [sys.executable, "-u", "-c", WORK], tmp_path / "log"))
    try:
        until("its own word", lambda: child.log_text().endswith("\n"), 30, [child])
        (process,) = child.tree()
        own_s, reaped_s = map(float, child.log_text().split())
        counted_s = cpu_s(process)
        ticks_s = sum(process.cpu_times()[2:4])
    finally:
        child.kill()
    assert own_s <= counted_s - ticks_s < own_s + 0.1
    assert reaped_s - 2 * TICK_S <= ticks_s <= reaped_s + TICK_S


def test_steal_is_the_share_of_all_processors_that_other_machines_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two processors lose a quarter of a second each in a second; time in between is not seen."""
    clock, stolen = iter([10.0, 10.0, 11.0, 11.0]), iter([0.0, 0.25])

    def times(*, percpu: bool) -> list[SimpleNamespace]:
        assert percpu
        lost = next(stolen)
        return [SimpleNamespace(user=0.0, system=0.0, steal=lost) for _ in range(2)]

    monkeypatch.setattr(psutil, "cpu_times", times)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    processors = Processors(())
    processors.begin()
    processors.end()
    assert processors.steal_share() == pytest.approx(0.25)


def test_without_a_measurement_steal_is_not_known() -> None:
    """Nothing was counted."""
    assert Sampler({}).steal_share() is None
