"""The search for the capacity, against arms whose capacity is known."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from after202.plan.comparisons import comparisons, shares
from after202.plan.probes import (
    FURTHER_PROBES,
    LOWEST_PER_S,
    PRECISION,
    Met,
    capacity_per_s,
    probes,
)
from after202.records.experiment import Arm, ServiceLevel
from after202.records.parts import CapacitySearch, ComparisonPlan
from after202.records.profile import Profile
from after202.records.trial import Probe, Trial
from tests.plan.catalogue import CATALOGUE

LEVEL = ServiceLevel(response_ms=50, completion_ms=2000)
PROFILE = Profile(
    description="x",
    baseline="inline",
    strategies=("inline", "rq_queue"),
    capacity=CapacitySearch(workload="login", level=LEVEL),
    comparison=(ComparisonPlan(workload="login", share_of_capacity=0.5, blocks=2, window_s=1),),
)


def searched(profile: Profile, met: Met) -> list[Probe]:
    """Return every probe of a profile's search."""
    planned: list[Probe] = []
    while more := probes(profile, CATALOGUE, planned, met):
        planned += more
    return planned


def capacity_of(planned: Sequence[Probe], met: Met, strategy: str) -> float:
    """Return the capacity that the probes show of a strategy."""
    assert PROFILE.capacity is not None
    arm = Arm(strategy=strategy, workload="login", rate_per_s=0)
    return capacity_per_s(PROFILE.capacity, planned, arm, met) or LOWEST_PER_S


def slowest_per_s(planned: Sequence[Probe], met: Met) -> float:
    """Return the lower of the two strategies' capacities."""
    return min(capacity_of(planned, met, name) for name in PROFILE.strategies)


def of(planned: Sequence[Trial], strategy: str) -> list[float]:
    """Return the rates that were tried for a strategy, in order."""
    return [trial.arm.rate_per_s for trial in planned if trial.arm.strategy == strategy]


@given(some.floats(0.5, 2000))
def test_a_known_capacity_is_found_within_4_percent(truth: float) -> None:
    """Whatever it is, in at most 18 probes here and six around it, with either end tried twice."""
    planned = searched(PROFILE, lambda trial: trial.arm.rate_per_s <= truth)
    rates = of(planned, "inline")
    low = max(rate for rate in rates if rate <= truth)
    high = min(rate for rate in rates if rate > truth)
    assert high / low <= PRECISION + 1e-9
    search = rates[:-FURTHER_PROBES]
    assert search.count(low) == search.count(high) == 2
    assert len(search) <= 18
    assert rates[-FURTHER_PROBES:] == [low, high] * (FURTHER_PROBES // 2)


def test_arms_take_turns_and_confirmations_have_other_seeds() -> None:
    """A drift of the machine meets every arm; the same schedule proves nothing twice."""
    planned = searched(PROFILE, lambda trial: trial.arm.rate_per_s <= 20)
    assert [trial.arm.strategy for trial in planned[:4]] == ["inline", "rq_queue"] * 2
    mine = [trial for trial in planned if trial.arm.strategy == "inline"]
    assert len({trial.seed for trial in mine}) == len(mine)
    assert len({trial.id for trial in planned}) == len(planned)


@pytest.mark.parametrize(("misses", "steps_down"), [({1}, 0), (set(range(1, 30)), 1)])
def test_one_miss_of_three_decides_nothing_and_two_move_on(
    misses: set[int], steps_down: int
) -> None:
    """By 4 %, and there the tries begin again."""
    kept = of(searched(PROFILE, lambda t: t.arm.rate_per_s <= 20), "rq_queue")
    highest = max(rate for rate in kept if rate <= 20)

    def met(trial: Probe) -> bool:
        if trial.arm.rate_per_s == highest:
            return [t for t in planned if t.arm == trial.arm].index(trial) not in misses
        return trial.arm.rate_per_s <= 20

    planned: list[Probe] = []
    while more := probes(PROFILE, CATALOGUE, planned, met):
        planned += more
    found = slowest_per_s(planned, met)
    assert found == pytest.approx(highest / 1.04**steps_down)


@pytest.mark.parametrize(("then", "later"), [(10, 20), (17, 20), (23, 20), (35, 20)])
def test_a_slow_or_a_fast_moment_decides_nothing_for_good(then: float, later: float) -> None:
    """The first eight probes saw another machine; thirty are enough to find this one."""

    def met(trial: Probe) -> bool:
        return trial.arm.rate_per_s <= (then if trial.block < 8 else later)

    planned = searched(PROFILE, met)
    found = slowest_per_s(planned, met)
    assert later / PRECISION <= found <= later


def test_a_probe_that_was_not_valid_is_tried_again_and_then_counts_as_failed() -> None:
    """Noise is no answer; three times noise is no capacity."""
    planned = searched(PROFILE, lambda _: None)
    rates = of(planned, "inline")
    assert rates[:4] == [5, 5, 5, pytest.approx(5 / 1.04**16)]


def test_window_holds_enough_requests_for_the_quantile() -> None:
    """A p95 below a limit means something from 90 requests on, at 99 %."""
    assert LEVEL.least_requests == 90
    assert (
        ServiceLevel(response_ms=1, completion_ms=1, response_quantile=0.99).least_requests == 459
    )
    for trial in searched(PROFILE, lambda trial: trial.arm.rate_per_s <= 20):
        assert trial.window_s * trial.arm.rate_per_s >= LEVEL.least_requests - 1e-6


def test_comparisons_at_a_share_come_once_the_capacity_is_known() -> None:
    """Half of the slowest arm's, for all arms."""
    assert comparisons(PROFILE, CATALOGUE) == []
    limits = {"inline": 100.0, "rq_queue": 10.0}
    met = lambda trial: trial.arm.rate_per_s <= limits[trial.arm.strategy]  # noqa: E731
    planned = searched(PROFILE, met)
    slowest = slowest_per_s(planned, met)
    assert 10 / 1.04 <= slowest <= 10
    known = lambda arm: capacity_of(planned, met, arm.strategy)  # noqa: E731
    compared = shares(PROFILE, CATALOGUE, planned, known)
    assert {trial.arm.rate_per_s for trial in compared} == {float(f"{slowest / 2:.2g}")}
    assert len(compared) == 4
    assert len({trial.id for trial in [*planned, *compared]}) == len(planned) + 4
    assert shares(PROFILE, CATALOGUE, [*planned, *compared], known) == []
