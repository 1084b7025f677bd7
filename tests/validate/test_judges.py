"""Each check passes on what a sound harness records, and fails on what a broken one would."""

from typing import NamedTuple
from uuid import UUID

import numpy as np
import pytest
from scipy import stats

from after202.analyse.statistics import hodges_lehmann
from after202.kernel.ledger import Event, EventKind, LedgerFile
from after202.records.trial_record import Counts, Load
from after202.validate import labels, session
from after202.validate.checks import aa, freeze, generator, ledger, queueing, sensitivity
from after202.validate.checks.generator import Point
from after202.validate.checks.queueing import Measured
from after202.validate.load import Rows
from after202.validate.replay import Times, response_s
from after202.validate.result import Result
from after202.validate.storm import PROCESSES, THREADS
from after202.validate.trials import Matrix

BLOCKS = 18
SERVICE_S, BESIDE_S = 0.002, 0.0005
FROZEN_S = (5.0, 7.0)


def random(seed: int = 202) -> np.random.Generator:
    """Return a generator of numbers that come again."""
    return np.random.default_rng(seed)


def identical_arms(scatter: float = 0.05, seed: int = 1) -> Matrix:
    """Return medians of identical arms: blocks differ, trials scatter, arms do not differ."""
    blocks = random(seed).normal(0, 0.1, (BLOCKS, 1))
    return np.exp(blocks + random(seed + 1).normal(0, scatter, (BLOCKS, aa.ARMS)))


def placed() -> Matrix:
    """Return the arms' places, drawn for each block."""
    every = np.tile(np.arange(aa.ARMS, dtype=float), (BLOCKS, 1))
    return random(7).permuted(every, axis=1)


def with_slower_arm(ratio: float, arm: int = 1) -> Matrix:
    """Return medians of arms of which one is slower."""
    medians = identical_arms()
    medians[:, arm] *= ratio
    return medians


def failed(result: Result) -> list[str]:
    """Return the names of the figures that miss their goals."""
    return [figure.name for figure in result.figures if figure.passed is False]


def test_identical_arms_pass() -> None:
    """Scatter within and between blocks is no difference."""
    assert failed(aa.judge(identical_arms(), placed())) == []


def test_identical_arms_fail_at_the_level_that_is_said() -> None:
    """One matrix in a hundred is called different, so of two hundred hardly more than eight."""
    p_values = [labels.p_value(np.log(identical_arms(seed=seed))) for seed in range(0, 400, 2)]
    assert sum(p < labels.LEVEL for p in p_values) <= 8


@pytest.mark.parametrize("arm", range(aa.ARMS))
@pytest.mark.parametrize("ratio", [1.1, 10])
def test_one_arm_that_is_slower_fails(ratio: float, arm: int) -> None:
    """Labels that were drawn again let an arm pass that was ten times slower."""
    assert "arms as labelled" in failed(aa.judge(with_slower_arm(ratio, arm), placed()))


def test_the_power_is_what_it_says() -> None:
    """An arm as slow as the check says it catches is caught in about 95 % of matrices."""
    percent = labels.smallest_caught_percent(np.log(identical_arms()))
    caught = 0
    for seed in range(0, 400, 2):
        medians = identical_arms(seed=seed)
        medians[:, 2] *= 1 + percent / 100
        caught += labels.p_value(np.log(medians)) < labels.LEVEL
    assert caught >= 0.85 * 200


def test_too_much_scatter_cannot_tell_and_does_not_pass() -> None:
    """An arm that is 10 % slower would not have been seen."""
    result = aa.judge(identical_arms(scatter=0.15), placed())
    assert failed(result) == ["slowdown of one arm caught with 95 % probability"]
    assert "cannot tell" in result.figures[-1].value


def test_too_few_blocks_do_not_pass() -> None:
    """Where the gates reject nearly all, nothing is known."""
    assert not aa.judge(identical_arms()[:2], placed()[:2]).passed


def test_an_effect_of_the_place_within_a_block_fails() -> None:
    """Whoever comes last is slower, whichever arm it is."""
    drifting = identical_arms() * (1 + 0.05 * placed())
    assert "places within a block" in failed(aa.judge(drifting, placed()))


def test_requests_taken_for_independent_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that counts each request calls most identical arms different."""

    def by_request(sample: list[float]) -> float:
        wobble = random().normal(0, 0.03, (len(sample), 100))
        return float(stats.ttest_1samp((np.asarray(sample)[:, None] + wobble).ravel(), 0).pvalue)

    monkeypatch.setattr(hodges_lehmann, "p_value", by_request)
    assert "the same with labels drawn again" in failed(aa.judge(identical_arms(), placed()))


BASE_MS = 1.4


def spinning_arms(*, injected: bool, apart: float = 0.0, scatter: float = 0.05) -> list[Matrix]:
    """Return sessions of arms that spin, or only say that they do; sessions may lie apart."""
    spins_ms = np.array(sensitivity.SPINS_US) / 1000 * injected
    columns = len(spins_ms)
    return [
        (BASE_MS * identical_arms(scatter, seed)[:9, :columns] + spins_ms)
        * np.exp(apart * sign * np.array([0, 1, -1, 1]))
        for seed, sign in ((3, 1), (5, -1))
    ]


def test_an_injected_difference_is_found_and_one_that_is_not_there_is_not() -> None:
    """Spins are found; where nothing was injected, the check fails."""
    assert failed(sensitivity.judge(spinning_arms(injected=True), 4)) == []
    assert "300 us found in sessions" in failed(sensitivity.judge(spinning_arms(injected=False), 4))


def test_sessions_that_lie_apart_find_less() -> None:
    """Scatter between sessions counts, and not only that of their blocks."""
    together, apart = (
        sensitivity.smallest_found(
            [one[:, 1:] - one[:, :1] for one in spinning_arms(injected=True, apart=by)],
            1 - 0.05 / 4,
        )
        for by in (0.0, 0.15)
    )
    assert apart > together + 0.1 * BASE_MS


def test_a_difference_as_small_as_is_said_is_found_in_95_percent_of_sessions() -> None:
    """The estimate from two sessions holds for three hundred others, within what two can tell."""
    added_ms = [one[:, 1:] - one[:, :1] for one in spinning_arms(injected=False)]
    smallest_ms = sensitivity.smallest_found(added_ms, 1 - 0.05 / 4)
    others = random(9).normal(smallest_ms, BASE_MS * 0.05 * 2**0.5, (300, 9))
    found = sum(hodges_lehmann.p_value(one.tolist()) < 0.05 / 4 for one in others)
    assert found >= 0.88 * 300


def test_too_much_scatter_finds_nothing() -> None:
    """The smallest difference is then above what must be found."""
    result = sensitivity.judge(spinning_arms(injected=True, scatter=0.4), 4)
    assert "smallest difference found in 95 % of sessions" in failed(result)


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
