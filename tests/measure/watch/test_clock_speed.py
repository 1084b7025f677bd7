"""The speed of the processors under test: read from a loop, and held against the run's median."""

import os
import threading

import pytest

from after202.hosts.cpus import available_cpus
from after202.measure.watch import clock_speed
from after202.measure.watch.clock_speed import LEAST_TRIALS, Usual


def test_the_loop_runs_on_the_processor_under_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller stays where it was."""
    before = os.sched_getaffinity(0)
    pinned: list[tuple[int, set[int]]] = []

    def loop(cpu: int, found: list[float]) -> None:
        own_loop(cpu, found)
        pinned.append((threading.get_ident(), os.sched_getaffinity(0)))

    own_loop = clock_speed._loop
    monkeypatch.setattr(clock_speed, "_loop", loop)
    last = available_cpus()[-1]
    assert (clock_speed.loop_ms([last]) or 0) > 0
    assert os.sched_getaffinity(0) == before
    ((thread, cpus),) = pinned
    assert cpus == {last}
    assert thread != threading.get_ident()


def test_without_processors_of_its_own_a_trial_has_no_speed() -> None:
    """Nothing is made up."""
    assert clock_speed.loop_ms([]) is None
    assert Usual().differs(None) == []


@pytest.mark.parametrize(("loop_ms", "speed"), [(1.0, ""), (1.2, ""), (1.4, "72%"), (0.7, "143%")])
def test_a_trial_at_another_speed_is_not_valid(loop_ms: float, speed: str) -> None:
    """Against the median of the trials before it."""
    usual = Usual()
    for number in range(LEAST_TRIALS):
        assert usual.differs(1.0 + number / 1000) == []
    found = usual.differs(loop_ms)
    assert [speed in reason for reason in found] == ([True] if speed else [])


def test_a_change_for_good_becomes_the_usual_speed() -> None:
    """Otherwise a run on a machine that throttles could never end."""
    usual = Usual()
    for _ in range(LEAST_TRIALS):
        usual.differs(1.0)
    rejected = [bool(usual.differs(2.0)) for _ in range(2 * LEAST_TRIALS)]
    assert rejected == [True] * LEAST_TRIALS + [False] * LEAST_TRIALS
