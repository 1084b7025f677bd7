"""Each formula against published values or against scipy."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from after202.analyse.statistics import hodges_lehmann, holm
from after202.analyse.statistics.binomial import upper_bound
from after202.analyse.statistics.difference import (
    Difference,
    decide,
    in_ms,
    in_ratio,
    true_value,
)
from after202.analyse.statistics.drift import drifts
from after202.analyse.statistics.hodges_lehmann import estimate

# Depression scores of nine patients, after minus before, as printed in Hollander, Wolfe and
# Chicken (2014), example 3.1; their estimate is -0.46, their 96.1 % interval (-0.786, -0.010).
DEPRESSION = (-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010)


def test_the_estimate_and_interval_are_the_published_ones() -> None:
    """The textbook's example, at the confidence that its table reaches."""
    found = estimate(DEPRESSION, confidence=0.96)
    assert found.value == pytest.approx(-0.46)
    assert found.low == pytest.approx(-0.786, abs=1e-9)
    assert found.high == pytest.approx(-0.010, abs=1e-9)


def test_six_trials_are_the_fewest_for_an_interval() -> None:
    """With five, no pair of Walsh averages encloses 95 %."""
    assert estimate([1, 2, 3, 4, 5]).low is None
    six = estimate([1, 2, 3, 4, 5, 6])
    assert (six.low, six.high) == (1, 6)


@given(st.lists(st.floats(-100, 100), min_size=6, max_size=14))
def test_the_interval_holds_the_estimate(values: list[float]) -> None:
    """The estimate lies within its interval, and the interval within the sample."""
    found = estimate(values)
    assert found.low is not None
    assert found.high is not None
    assert min(values) <= found.low <= found.value <= found.high <= max(values)


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Of 2,000 samples of eight, some 95 % of the intervals hold the truth, never under 93.5 %."""
    random = Random(202)
    covered = 0
    for _ in range(2000):
        found = estimate([random.gauss(0, 1) for _ in range(8)])
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0 <= found.high
    assert covered / 2000 > 0.935


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=12, unique_by=abs))
def test_the_p_value_is_wilcoxons_without_zeros(values: list[float]) -> None:
    """And with distinct magnitudes, for which scipy's is exact."""
    assume(all(values))
    found = hodges_lehmann.p_value(values)
    assert found == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)


@given(st.lists(st.integers(-4, 4).map(float), min_size=6, max_size=12))
def test_the_p_value_and_the_interval_agree_with_ties_and_zeros(values: list[float]) -> None:
    """At 5 %, the test refuses 0 where the interval leaves it out, and only there."""
    found = estimate(values)
    assert found.low is not None
    assert found.high is not None
    assert (hodges_lehmann.p_value(values) <= 0.05) == (found.low > 0 or found.high < 0)


def test_a_zero_counts_as_a_block() -> None:
    """Left out, as scipy does, it would make this p 0.2969."""
    values = [0.0, -3, -4, 1, 2, 5, 6, 7]
    assert stats.wilcoxon([value for value in values if value]).pvalue == pytest.approx(
        0.2969, abs=1e-4
    )
    assert hodges_lehmann.p_value(values) == pytest.approx(0.3125)


def test_the_p_value_and_the_interval_agree() -> None:
    """The exact test refuses 0 where the interval leaves it out."""
    values = [0.3, 0.5, 0.1, 0.7, 0.2, 0.9, 0.4]
    assert hodges_lehmann.p_value(values) == pytest.approx(2 / 2**7)
    low = estimate(values).low
    assert low is not None
    assert low > 0
    assert hodges_lehmann.p_value([0.0, 0.0]) == 1.0


def test_holm_gives_the_published_values() -> None:
    """The worked example: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02."""
    assert holm.adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm.adjusted([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_agrees_with_its_definition(p_values: list[float]) -> None:
    """Never below the raw p, never above Bonferroni's, and in the same order."""
    adjusted = holm.adjusted(p_values)
    for raw, found in zip(p_values, adjusted, strict=True):
        assert raw <= found <= min(1, raw * len(p_values)) + 1e-12
    pairs = sorted(zip(p_values, adjusted, strict=True))
    assert [found for _, found in pairs] == sorted(adjusted)


def test_a_trial_that_gets_slower_drifts_and_one_that_scatters_does_not() -> None:
    """One in a hundred may be flagged wrongly; a second half slower by a fifth is flagged."""
    random = np.random.default_rng(202)
    steady = random.lognormal(0, 0.3, (1000, 200))
    slower = steady * np.repeat([1, 1.2], 100)
    assert np.mean([drifts(values) for values in steady]) == pytest.approx(0.01, abs=0.009)
    assert np.mean([drifts(values) for values in slower]) > 0.9
    assert not drifts(np.repeat([1.0, 9.0], 7))  # 14 values are too few to say


@pytest.mark.parametrize(("episodes", "bound"), [(25, 0.113), (59, 0.0495), (299, 0.00997)])
def test_no_bad_episode_of_n_bounds_the_share(episodes: int, bound: float) -> None:
    """The rule of three, exactly; with bad ones, scipy's own interval."""
    assert upper_bound(0, episodes) == pytest.approx(bound, rel=0.01)
    interval = stats.binomtest(3, episodes, alternative="less").proportion_ci(0.95)
    assert upper_bound(3, episodes) == pytest.approx(interval.high)
    assert upper_bound(episodes, episodes) == 1


BASE_MS = 10.0
FIRM = (0.0, 0.001, -0.001, 0.002, -0.002, 0.003, -0.003, 0.004)
LOOSE = tuple(300 * wobble for wobble in FIRM)


def verdict(
    added_ms: float, base_ms: float = BASE_MS, wobbles: tuple[float, ...] = FIRM, p: float = 0.01,
    quantile: float = 0.5,
) -> Difference:  # fmt: skip
    """Judge blocks whose times are this far from the baseline's."""
    pairs_ms = [(base_ms + added_ms + wobble, base_ms) for wobble in wobbles]
    return decide([in_ms(pairs_ms, quantile), in_ratio(pairs_ms, quantile)], p)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (verdict(2.0), Difference.SLOWER),
        (verdict(-2.0), Difference.FASTER),
        (verdict(2.0, p=0.06), Difference.INCONCLUSIVE),
        (verdict(0.0, wobbles=LOOSE, p=0.9), Difference.INCONCLUSIVE),
        (verdict(2.0, wobbles=FIRM[:5]), Difference.TOO_FEW),
    ],
)
def test_the_verdict_needs_significance(found: Difference, expected: Difference) -> None:
    """A difference must be real, and sameness shown."""
    assert found == expected


@pytest.mark.parametrize(
    ("added_ms", "base_ms", "quantile", "expected"),
    [
        (0.4, 10.0, 0.5, Difference.SAME),  # 4 %, though 0.4 ms
        (0.6, 10.0, 0.5, Difference.SLOWER),  # 6 % and 0.6 ms
        (0.08, 0.5, 0.5, Difference.SAME),  # 0.08 ms, though 16 %
        (0.12, 0.5, 0.5, Difference.SLOWER),
        (-0.12, 0.5, 0.5, Difference.FASTER),
        (0.15, 0.5, 0.9, Difference.SAME),
        (0.25, 0.5, 0.9, Difference.SLOWER),
        (0.45, 0.5, 0.99, Difference.SAME),
        (0.55, 0.5, 0.99, Difference.SLOWER),
        (0.9, 10.0, 0.9, Difference.SAME),  # 9 % at the p90
        (1.1, 10.0, 0.9, Difference.SLOWER),
    ],
)
def test_a_difference_matters_only_outside_both_regions(
    added_ms: float, base_ms: float, quantile: float, expected: Difference
) -> None:
    """What is small in ms or in ratio has no practical importance."""
    assert verdict(added_ms, base_ms, quantile=quantile) == expected


def test_without_a_ratio_the_region_in_ms_decides_alone() -> None:
    """A ratio that a constant dilutes would call a difference of 0.4 ms practically equal."""
    pairs_ms = [(BASE_MS + 0.4 + wobble, BASE_MS) for wobble in FIRM]
    assert decide([in_ms(pairs_ms, 0.5)], 0.01) == Difference.SLOWER


def test_an_infinite_time_is_an_infinite_difference() -> None:
    """Either way; if it is so in more than half of the blocks, so is the estimate."""
    pairs_ms = [(math.inf, 1.0)] * 6 + [(1.1, 1.0)] * 2
    mirrored = [(other, mine) for mine, other in pairs_ms]
    for scale in (in_ms, in_ratio):
        assert true_value(scale(pairs_ms, 0.5).found.value) == math.inf
        assert true_value(scale(mirrored, 0.5).found.value) == -math.inf
