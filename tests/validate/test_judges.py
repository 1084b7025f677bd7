"""Each check passes on what a sound harness records, and fails on what a broken one would."""

from typing import NamedTuple
from uuid import UUID

import numpy as np
import pytest
from scipy import stats

from after202.kernel.ledger import Event, EventKind, LedgerFile
from after202.records.trial import Counts, Load
from after202.validate import session
from after202.validate.checks import aa, freeze, generator, ledger, queueing, sensitivity
from after202.validate.checks.generator import Point
from after202.validate.checks.queueing import Measured
from after202.validate.load import Rows
from after202.validate.replay import Times, response_s
from after202.validate.result import Result
from after202.validate.storm import PROCESSES, THREADS
from after202.validate.trials import Matrix

BLOCKS = 12
SERVICE_S, BESIDE_S = 0.002, 0.0005
FROZEN_S = (5.0, 7.0)


def random(seed: int = 202) -> np.random.Generator:
    """Return a generator of numbers that come again."""
    return np.random.default_rng(seed)


def identical_arms() -> Matrix:
    """Return medians of identical arms: blocks differ, trials scatter, arms do not differ."""
    blocks = random().normal(0, 0.1, (BLOCKS, 1))
    return np.exp(blocks + random(1).normal(0, 0.03, (BLOCKS, aa.ARMS)))


def test_identical_arms_pass() -> None:
    """Scatter within and between blocks is no difference."""
    result = aa.judge(identical_arms())
    assert result.passed, result.figures


def test_arms_that_ran_one_after_the_other_fail() -> None:
    """A drift of the machine is then a difference between arms."""
    drifting = identical_arms() * np.linspace(1, 1.5, aa.ARMS)
    assert not aa.judge(drifting).passed


def test_requests_taken_for_independent_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that counts each request calls most identical arms different."""

    def by_request(sample: Times) -> float:
        wobble = random().normal(0, 0.03, (len(sample), 100))
        return float(stats.ttest_1samp((np.asarray(sample)[:, None] + wobble).ravel(), 0).pvalue)

    monkeypatch.setattr(aa, "p_value", by_request)
    result = aa.judge(identical_arms())
    assert result.figures[1].passed is False
    assert not result.passed


def spinning_arms(*, injected: bool) -> Matrix:
    """Return medians of arms that spin, or only say that they do."""
    base_ms = 0.7 * identical_arms()[:, : len(sensitivity.SPINS_US)]
    return base_ms + np.array(sensitivity.SPINS_US) / 1000 * injected


def test_an_injected_difference_is_found_and_one_that_is_not_there_is_not() -> None:
    """Spins are found; where nothing was injected, the check fails."""
    assert sensitivity.judge(spinning_arms(injected=True)).passed
    assert not sensitivity.judge(spinning_arms(injected=False)).passed


def rows(due_s: Times, response: Times, service_s: float = SERVICE_S, slip_s: float = 0) -> Rows:
    """Return what the generator would have recorded."""
    n = len(due_s)
    counts = Counts(scheduled=n, sent=n, answered=n, accepted=n)
    load = Load(
        load_start_us=0, window_start_us=0, window_end_us=0, load_end_us=0, counts=counts,
        dropped=0, cpu_s=1,
        recording_cpu_s=0,
    )  # fmt: skip
    return Rows(load, service_s, due_s, np.full(n, slip_s), response)


def arrivals(rate_per_s: float, load_s: float) -> Times:
    """Return Poisson arrivals."""
    gaps = random().exponential(1 / rate_per_s, int(rate_per_s * load_s))
    due_s: Times = np.cumsum(gaps)
    return due_s


def test_a_freeze_that_is_seen_from_due_passes_and_one_seen_from_sent_fails() -> None:
    """A closed loop sends nothing while it waits, and so sees one slow request."""
    due_s = arrivals(200, 13)
    service_s = np.full(len(due_s), SERVICE_S)
    response = response_s(due_s, service_s, FROZEN_S)
    assert freeze.judge(rows(due_s, response), FROZEN_S).passed

    omitted = np.where(np.arange(len(due_s)) % 400, np.minimum(response, 0.01), response)
    assert not freeze.judge(rows(due_s, omitted), FROZEN_S).passed


def queue(*, late_s: float = 0.0, at_once_s: float = 0.25) -> Result:
    """Judge a queue as theory has it, seen by a driver that is so late."""
    measured = []
    for load in (queueing.IDLE, *queueing.LOADS):
        due_s = arrivals(load / SERVICE_S, 6)
        response = response_s(due_s, np.full(len(due_s), SERVICE_S)) + BESIDE_S
        late = late_s if load != queueing.IDLE else 0
        measured.append(Measured(load, rows(due_s, response + late)))
    due_s = arrivals(200, 6)
    return queueing.judge(measured, rows(due_s, np.full(len(due_s), at_once_s)))


def test_a_queue_as_theory_has_it_passes() -> None:
    """The replay of the same arrivals gives the same percentiles."""
    assert queue().passed


def test_a_clock_that_is_late_under_load_fails() -> None:
    """A generator that wakes up 5 ms late sees other percentiles."""
    assert not queue(late_s=0.005).passed


def test_requests_that_queue_within_the_driver_fail() -> None:
    """Where all are served at once after 250 ms, no more may be seen."""
    assert not queue(at_once_s=2.979).passed


@pytest.mark.parametrize(("slip_ms", "passed"), [(0.1, True), (1.0, False)])
def test_a_late_generator_fails(slip_ms: float, passed: bool) -> None:
    """The slip has goals at 1,000 and at 3,000 requests/s."""
    curve = [Point(rate, rate, np.full(100, slip_ms / 1000)) for rate in generator.RATES_PER_S]
    figures = generator.judge_curve([(point, point) for point in curve])
    assert all(figure.passed is not False for figure in figures) == passed


def test_of_several_rounds_the_least_late_is_judged_and_all_are_told() -> None:
    """A machine that was busy with something else for a round says nothing of the driver."""
    late, on_time = (Point(3000, 3000, np.full(100, slip_s)) for slip_s in (0.1, 0.001))
    assert generator.is_late([(late, on_time)], 3000)
    assert not generator.is_late([(late, late), (on_time, late)], 3000)
    figures = generator.judge_curve([(late, late), (on_time, late), (late, on_time)])
    values = {figure.name: figure.value for figure in figures}
    assert values["slip p99 at 3,000/s"] == "1 ms"
    assert values["slip p99 of each round at 3,000/s"] == "100, 1, 100 ms"
    assert values["stock Locust asked for 3,000/s"].endswith("p99 1 ms")
    assert all(figure.passed is not False for figure in figures)


@pytest.mark.parametrize(("lost", "passed"), [(0, True), (1, False)])
def test_one_lost_arrival_of_a_million_fails(lost: int, passed: bool) -> None:
    """Whether it was not sent, not answered or not recorded."""
    due_s = np.arange(generator.MILLION) / 3000
    recorded = rows(due_s, np.full(len(due_s), 0.001))
    kept = Rows(recorded.load, SERVICE_S, due_s[lost:], due_s[lost:], due_s[lost:])
    assert all(figure.passed for figure in generator.judge_count(kept)) == passed


def written(numbers: list[int], noted: int, corrupt: int = 0) -> ledger.Left:
    """Return what a process left whose threads all recorded these numbers."""
    events = [
        Event(EventKind.START, UUID(int=number), thread, 1, number)
        for number in numbers
        for thread in range(THREADS)
    ]
    file = LedgerFile(events, torn_tail_bytes=3, corrupt_records=corrupt)
    return ledger.Left(file, [noted] * THREADS)


@pytest.mark.parametrize(
    ("bad", "passed"),
    [
        (written([1, 2, 3], noted=3), True),
        (written([1, 2, 3], noted=2), True),
        (written([1, 2, 3], noted=4), False),
        (written([1, 3], noted=2), False),
        (written([1], noted=1, corrupt=1), False),
    ],
)
def test_a_lost_event_a_gap_or_a_damaged_record_fails_and_a_torn_end_does_not(
    bad: ledger.Left, passed: bool
) -> None:
    """One file of the whole storm is enough."""
    left = [written([1, 2, 3], noted=3)] * (ledger.KILLS * PROCESSES - 1) + [bad]
    assert all(figure.passed for figure in ledger.judge_storm(left)) == passed


class CpuTimes(NamedTuple):
    """As psutil has it, but for some of the names."""

    user: float
    system: float
    idle: float
    iowait: float
    steal: float


def test_how_much_others_had_is_told_of_what_was_wanted() -> None:
    """Neither idle time nor what waits for a disk was wanted."""
    figure = session.stolen(CpuTimes(5, 5, 5, 5, 5), CpuTimes(10, 6, 90, 50, 11))
    assert (figure.value, figure.passed) == ("50%", None)
