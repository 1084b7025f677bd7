"""Two independent samples: the shift, its interval and its test; and Tarone's correction."""

import math
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from after202.analyse.statistics import holm, power, tarone, two_samples
from after202.analyse.statistics.difference import (
    Difference,
    between_logs,
    between_ms,
    decide,
    true_value,
)

SAMPLE = st.lists(st.floats(-100, 100), min_size=3, max_size=9)


@given(SAMPLE, SAMPLE)
def test_without_ties_the_p_is_that_of_scipys_exact_test(
    mine: list[float], other: list[float]
) -> None:
    """Mann and Whitney's; with ties ours is never the smaller one of the two sides."""
    found = two_samples.p_value(mine, other)
    if len({*mine, *other}) == len(mine) + len(other):
        exact = stats.mannwhitneyu(mine, other, method="exact").pvalue
        assert found == pytest.approx(exact)
    assert two_samples.least_p(len(mine), len(other)) <= found <= 1


@given(SAMPLE, SAMPLE, st.floats(-50, 50))
def test_the_interval_holds_just_the_shifts_that_the_test_does_not_reject(
    mine: list[float], other: list[float], shift: float
) -> None:
    """So p < 0.05 where the interval leaves 0 out, and only there."""
    found = two_samples.estimate(mine, other)
    p = two_samples.p_value([value - shift for value in mine], other)
    if found.low is None or found.high is None:
        assert p > 0.05
    elif min(abs(found.low - shift), abs(found.high - shift)) > 1e-9:
        assert (p > 0.05) == (found.low < shift < found.high)


def test_the_estimate_is_the_published_one() -> None:
    """The two-sample example of the documentation of SAS, NPAR1WAY: a shift of 0.35."""
    first = [1.94, 1.94, *[2.92] * 4, *[3.27] * 4, 3.70, 3.70, 3.74]
    second = [3.27, 3.27, 3.27, 3.70, 3.70, 3.74]
    assert two_samples.estimate(second, first).value == pytest.approx(0.35)


def test_four_trials_in_each_are_the_fewest_for_an_interval() -> None:
    """With three and four none, with four and four their whole range."""
    assert two_samples.estimate([1, 2, 3], [1, 2, 3, 4]).low is None
    four = two_samples.estimate([1, 2, 3, 4], [11, 12, 13, 14])
    assert (four.low, four.high) == (-13, -7)


def test_large_samples_are_counted_without_rounding() -> None:
    """The distribution of 90 and 80 trials is still symmetric and rises to 1."""
    cumulative = two_samples._cumulative(90, 80)
    assert cumulative[-1] == 1
    assert (cumulative[1:] >= cumulative[:-1]).all()
    middle = 90 * 80 // 2
    assert cumulative[middle] + cumulative[middle - 1] == pytest.approx(1, abs=1e-12)


def test_what_never_ended_is_infinitely_later() -> None:
    """If most of it did not end, the estimate is infinite; two that never end are equal."""
    ended, never = [1.0, 2.0, 3.0, 4.0], [math.inf] * 4
    assert true_value(between_ms(never, ended, 0.5).found.value) == math.inf
    assert true_value(between_ms(ended, never, 0.5).found.value) == -math.inf
    assert between_ms(never, never, 0.5).found.value == 0


def test_a_verdict_needs_both_scales() -> None:
    """Twice as slow is slower, by a hundredth of a ms it is not; and three trials are too few."""
    before = [1.0, 1.01, 1.02, 1.03, 1.04]
    slower = [2 * ms for ms in before]

    def verdict(mine: list[float], other: list[float]) -> Difference:
        logs = between_logs(list(map(math.log, mine)), list(map(math.log, other)), 0.5)
        shifts = [between_ms(mine, other, 0.5), logs]
        return decide(shifts, two_samples.p_value(mine, other))

    assert verdict(slower, before) == Difference.SLOWER
    assert verdict(before, slower) == Difference.FASTER
    assert verdict([ms + 0.02 for ms in before], before) == Difference.SAME
    assert verdict(slower[:3], before[:3]) == Difference.TOO_FEW
    tiny = [ms / 100 for ms in before]
    assert verdict([2 * ms for ms in tiny], tiny) == Difference.SAME


def test_a_difference_that_is_said_to_be_detectable_is_detected() -> None:
    """In some four of five pairs of samples, and never in fewer than three of four."""
    random, found = Random(202), 0
    true = power.detectable_between(math.sqrt(2), 9, 12, tests=1)
    for _ in range(1000):
        mine = [random.gauss(true, 1) for _ in range(9)]
        other = [random.gauss(0, 1) for _ in range(12)]
        found += two_samples.p_value(mine, other) <= 0.05
    assert 0.75 < found / 1000 < 0.87
    assert power.detectable_between(1.0, 3, 3, tests=1) == math.inf


def test_tests_that_cannot_reject_cost_nothing() -> None:
    """One clear test among a hundred that show nothing is found; by Holm over all it is not."""
    p_values, least = [0.008, *[1.0] * 100], [0.008, *[0.3] * 100]
    assert tarone.adjusted(p_values, least)[0] == 0.008
    assert holm.adjusted(p_values)[0] > 0.5
    assert set(tarone.adjusted(p_values, least)[1:]) == {1.0}


def test_tests_that_can_all_reject_are_corrected_as_holm_does() -> None:
    """Then there is nothing to leave out."""
    p_values = [0.001, 0.02, 0.03, 0.5]
    assert tarone.adjusted(p_values, [1e-4] * 4) == holm.adjusted(p_values)
    assert tarone.adjusted([], []) == []
    assert tarone.adjusted([0.4], [0.2]) == [1.0]


def test_tarones_correction_keeps_its_level() -> None:
    """Of 1,000 families of equal pairs of episodes, one in twenty has a rejection, or fewer."""
    random, wrong = Random(7), 0
    for _ in range(1000):
        pairs = [[sum(random.random() < 0.4 for _ in range(6)) for _ in "ab"] for _ in range(12)]
        p_values, least = zip(*(_fisher(*pair) for pair in pairs), strict=True)
        wrong += min(tarone.adjusted(p_values, least)) < 0.05
    assert wrong <= 50


@cache
def _fisher(first: int, second: int) -> tuple[float, float]:
    """Return Fisher's p for so many of six bad episodes each, and the least for their sum."""
    bad = first + second

    def p(first: int) -> float:
        table = [[first, 6 - first], [bad - first, 6 - bad + first]]
        return float(stats.fisher_exact(table).pvalue)

    return p(first), min(p(max(0, bad - 6)), p(min(6, bad)))
