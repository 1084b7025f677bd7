"""The capacity's interval: that it holds the truth as often as it says."""

import math

import numpy as np
import pytest

from after202.analyse.statistics.response_curve import ResponseCurve, fit
from tests.search_coverage import Machine, simulate

SEARCHES = 250


@pytest.mark.parametrize("spread", [0.02, 0.05, 0.1])
def test_the_interval_holds_the_capacity_in_95_of_100_searches(spread: float) -> None:
    """Where the machine does not drift, but for chance; the search's own band does not."""
    found = simulate(Machine(spread), SEARCHES)
    assert found.interval >= 0.93
    assert found.band < found.interval - 0.2
    assert found.half_width < 0.15


@pytest.mark.parametrize("drift", [0.05, 0.1])
def test_the_interval_holds_the_mean_capacity_of_a_machine_that_drifts(drift: float) -> None:
    """The drift spreads the answers, so the interval is wider."""
    found = simulate(Machine(0.05, drift), SEARCHES)
    assert found.interval >= 0.93
    assert found.half_width > simulate(Machine(0.05), SEARCHES).half_width


def test_a_sharp_limit_is_not_certainty() -> None:
    """All kept below and all missed above: the likelihood alone would have no width at all."""
    curve = fit([(96, True), (96, True), (100, False), (100, False)])
    assert curve is not None
    assert curve.half_per_s == pytest.approx(98, rel=0.01)
    assert curve.low_per_s < 96
    assert curve.high_per_s > 100


def test_answers_of_one_kind_have_no_curve() -> None:
    """A search that only ever kept the level has seen no limit, and one that never did neither."""
    assert fit([(10, True), (20, True)]) is None
    assert fit([(10, False)]) is None
    assert fit([]) is None


def test_many_answers_recover_the_curve_that_made_them() -> None:
    """At 2,000 probes the prior no longer matters: 100/s with a spread of 0.1."""
    random = np.random.default_rng(202)
    rates = 100 * np.exp(random.uniform(-0.3, 0.3, 2000))
    kept = np.log(rates / 100) + random.logistic(0, 0.1, 2000) < 0
    curve = fit(zip(rates, kept, strict=True))
    assert curve is not None
    assert curve.half_per_s == pytest.approx(100, rel=0.02)
    assert curve.spread == pytest.approx(0.1, rel=0.1)


def test_the_curve_crosses_a_half_at_the_capacity() -> None:
    """And falls by the spread: one spread above it, to 1 / (1 + e)."""
    curve = ResponseCurve(100, 90, 110, spread=0.05)
    rates = np.array([100, 100 * math.exp(0.05)])
    assert curve.kept_at(rates) == pytest.approx([0.5, 1 / (1 + math.e)])
