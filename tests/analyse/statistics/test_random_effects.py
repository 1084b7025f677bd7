"""Pooling sessions: against a published data set, and against sessions whose truth is known."""

import math

import numpy as np
import pytest

from after202.analyse.statistics.random_effects import pooled

# Thirteen trials of the BCG vaccine (Colditz et al. 1994): cases and numbers, treated and control.
BCG = [
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867),
    (33, 5069, 47, 5808), (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391),
    (29, 7499, 45, 7277), (17, 1716, 65, 1665), (186, 50634, 141, 27338), (5, 2498, 3, 2341),
    (27, 16913, 29, 17854),
]  # fmt: skip


def log_risk_ratios() -> tuple[list[float], list[float]]:
    """Return each trial's log risk ratio and its standard error."""
    values = [math.log((a / n) / (c / m)) for a, n, c, m in BCG]
    errors = [math.sqrt(1 / a - 1 / n + 1 / c - 1 / m) for a, n, c, m in BCG]
    return values, errors


def test_a_published_data_set_gives_the_published_figures() -> None:
    """Paule and Mandel's variance, the pooled log risk ratio, and I squared."""
    found = pooled(*log_risk_ratios())
    assert found.between**2 == pytest.approx(0.318, abs=0.001)
    assert found.value == pytest.approx(-0.715, abs=0.001)
    assert found.inconsistency == pytest.approx(0.921, abs=0.001)


def test_sessions_that_agree_have_no_variance_between_them() -> None:
    """The interval is then that of their own errors, and no narrower."""
    found = pooled([1.0, 1.01, 0.99], [0.3, 0.3, 0.3])
    assert (found.between, found.inconsistency) == (0.0, 0.0)
    assert found.error == pytest.approx(0.3 / math.sqrt(3))
    low, high = found.interval()
    assert high - low == pytest.approx(2 * 4.303 * 0.3 / math.sqrt(3), rel=1e-3)


def test_sessions_without_scatter_of_their_own_are_pooled_by_what_lies_between() -> None:
    """Two sessions far apart: the interval is that of a mean of two."""
    found = pooled([4.0, 6.0], [0.0, 0.0])
    assert found.value == pytest.approx(5.0)
    assert found.between == pytest.approx(math.sqrt(2), rel=1e-3)


def test_one_session_cannot_be_pooled() -> None:
    """It says nothing about another."""
    with pytest.raises(ValueError, match="two sessions"):
        pooled([1.0], [0.1])


@pytest.mark.parametrize(("sessions", "between"), [(3, 0.0), (3, 0.5), (5, 0.2)])
def test_the_interval_holds_the_truth_as_often_as_it_says(sessions: int, between: float) -> None:
    """Sessions of unequal precision, around a truth of 1."""
    random, held, times = np.random.default_rng(1), 0, 600
    for _ in range(times):
        errors = random.uniform(0.1, 0.3, sessions)
        estimates = 1 + random.normal(0, between, sessions) + random.normal(0, errors)
        low, high = pooled(estimates.tolist(), errors.tolist()).interval()
        held += low <= 1 <= high
    assert held / times >= 0.93
