"""Whether a probe kept its level of service, on stored probes with known answers."""

from pathlib import Path

import numpy as np
import pytest

from after202.analyse.trials.probe import backlog_grows, capacity, level_met, read_probe
from after202.kernel.ledger import JOINED
from after202.records.experiment import ServiceLevel
from tests.analyse.run_folder import TrialHistory, store_again, write_run

LEVEL = ServiceLevel(response_ms=50, completion_ms=100)


@pytest.mark.parametrize(
    ("response_ms", "completion_ms", "met"),
    [(20, 70, True), (60, 70, None), (20, 110, None), (80, 90, False), (20, 120, False)],
)
def test_a_late_generator_leaves_open_what_its_lateness_may_explain(
    tmp_path: Path, response_ms: float, completion_ms: float, met: bool | None
) -> None:
    """It was 15 ms late: what is missed by more is missed, and what is kept is kept."""
    history = TrialHistory("inline", 0, response_ms, completion_ms, slip_ms=15)
    folder = write_run(tmp_path, [history]).trial("000")
    assert level_met(folder, LEVEL) is met


@pytest.mark.parametrize(
    ("response_ms", "completion_ms", "valid", "met"),
    [(2, 20, True, True), (60, 70, True, False), (2, 120, True, False), (2, 20, False, None)],
)
def test_a_level_needs_both_times_and_a_valid_probe(
    tmp_path: Path, response_ms: float, completion_ms: float, valid: bool, met: bool | None
) -> None:
    """Too slow an answer or too slow work misses it; noise is no answer."""
    history = TrialHistory("inline", 0, response_ms, completion_ms, valid=valid)
    folder = write_run(tmp_path, [history]).trial("000")
    assert level_met(folder, LEVEL) is met


def test_what_a_job_takes_is_that_of_the_probes_near_the_capacity(tmp_path: Path) -> None:
    """40 jobs took 0.4 s of the processors at 20/s and 0.8 at 21, their requests a second."""
    histories = [
        TrialHistory("inline", rate_per_s=10, cpu_s=9),
        TrialHistory("inline", rate_per_s=20),
        TrialHistory("inline", completion_ms=500, rate_per_s=21, cpu_s=0.8),
        TrialHistory("inline", completion_ms=500, rate_per_s=30, cpu_s=9),
    ]
    folder = write_run(tmp_path, histories)
    probes = tuple(read_probe(folder.trial(one.id), LEVEL) for one in folder.read().planned)
    found = capacity(probes[0].record.trial.arm, probes, tries=1)
    assert (found.kept_per_s, found.missed_per_s) == (20, 21)
    assert found.curve is not None
    assert 20 < found.curve.half_per_s < 21
    assert found.cpu_ms == pytest.approx(15)
    assert found.generator_ms == pytest.approx(25)
    assert capacity(found.arm, probes[2:], tries=1).cpu_ms is None


def test_a_job_that_never_ends_is_infinitely_late(tmp_path: Path) -> None:
    """Most of the work undone is no level kept, however fast the answers were."""
    folder = write_run(tmp_path, [TrialHistory("inline")]).trial("000")
    ledger = folder.ledger / JOINED
    ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2 // 144 * 144])
    store_again(folder)
    assert level_met(folder, LEVEL) is False


@pytest.mark.parametrize(("warm_up_jobs", "met"), [(0, False), (20, True)])
def test_a_backlog_that_the_warm_up_built_up_does_not_grow(
    tmp_path: Path, warm_up_jobs: int, met: bool
) -> None:
    """Each job takes as long as twenty arrivals: so many are undone at once, and no more."""
    history = TrialHistory("inline", completion_ms=200, warm_up_jobs=warm_up_jobs)
    folder = write_run(tmp_path, [history]).trial("000")
    patient = LEVEL.model_copy(update={"completion_ms": 1000})
    assert level_met(folder, patient) is met


def test_a_backlog_that_grows_is_seen_and_one_that_wobbles_is_not() -> None:
    """Work at 80 % of the rate piles up; a constant delay and its scatter do not."""
    random = np.random.default_rng(202)
    due_s = np.cumsum(random.exponential(0.02, 500))
    window_s = (0.0, float(due_s[-1]))
    assert not backlog_grows(due_s, due_s + random.exponential(0.2, 500), *window_s)
    assert backlog_grows(due_s, due_s + 0.2 * due_s, *window_s)
    assert backlog_grows(due_s, np.where(np.arange(500) % 5, due_s + 0.1, np.inf), *window_s)


@pytest.mark.parametrize(("load", "least", "most"), [(0.9, 0, 0.05), (1.0, 0, 0.05), (1.3, 0.9, 1)])
def test_a_backlog_that_comes_and_goes_by_chance_does_not_grow(
    load: float, least: float, most: float
) -> None:
    """A queue with one server of constant time, from rest, 300 arrivals after a warm-up of 50."""
    random = np.random.default_rng(202)
    grown, served = 0, np.arange(350, dtype=float)
    for _ in range(400):
        due_s = np.cumsum(random.exponential(1 / load, 350))
        ended_s = served + np.maximum.accumulate(due_s - served) + 1
        grown += backlog_grows(due_s, ended_s, float(due_s[50]), float(due_s[-1]))
    assert least <= grown / 400 <= most
