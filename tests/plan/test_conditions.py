"""What a comparison varies: each combination is a condition, with blocks of its own."""

import pytest

from after202.plan.comparisons import comparisons, shares
from after202.plan.layouts import filled_in
from after202.records.experiment import Arm, Layout, ServiceLevel
from after202.records.parts import CapacitySearch, ComparisonPlan
from after202.records.profile import Profile
from tests.plan.catalogue import CATALOGUE

CAPACITIES = {"inline": 100.0, "gather": 60.0, "rq_queue": 10.0}


def profile(**comparison: object) -> Profile:
    """Return a profile of one comparison of three strategies."""
    given = {"workload": "login", "blocks": 2, "window_s": 2, **comparison}
    level = ServiceLevel(response_ms=50, completion_ms=500)
    return Profile(
        description="x",
        baseline="inline",
        strategies=("inline", "gather", "rq_queue"),
        capacity=CapacitySearch(workload="login", layout=Layout.WORKER_APART, level=level),
        comparison=(ComparisonPlan.model_validate(given),),
    )


def capacity_of(arm: Arm) -> float:
    """Return what a strategy can do."""
    return CAPACITIES[arm.strategy]


def test_every_combination_is_a_condition_with_blocks_of_its_own() -> None:
    """Each has the baseline, one schedule per block, and the slots that it is named after."""
    varied = {"layouts": list(Layout), "api_processes": [1, 2], "slots": [1, 8]}
    planned = comparisons(profile(rate_per_s=5, **varied), CATALOGUE)
    conditions = list(dict.fromkeys(trial.arm.condition for trial in planned))
    assert len(conditions) == 8
    assert conditions[0].label == "login 5/s, 1 slot"
    assert conditions[7].label == "login 5/s, worker apart, 2 API processes, 8 slots"
    for condition in conditions:
        first = [t for t in planned if t.arm.condition == condition and t.block == 0]
        assert sorted(t.arm.strategy for t in first) == ["gather", "inline", "rq_queue"]
        assert {t.slots for t in first} == {condition.slots}
        assert len({t.seed for t in first}) == 1


def test_a_comparison_may_leave_out_who_cannot_do_the_rate() -> None:
    """But never the baseline; the slowest of those left decides a share of the capacity."""
    fast = comparisons(profile(rate_per_s=60, strategies=["gather"]), CATALOGUE)
    assert {trial.arm.strategy for trial in fast} == {"inline", "gather"}
    half = profile(share_of_capacity=0.5, strategies=["gather"])
    assert {t.arm.rate_per_s for t in shares(half, CATALOGUE, [], capacity_of)} == {30}


def test_at_shares_of_their_own_capacity_arms_have_one_condition_and_a_rate_each() -> None:
    """So that they are never taken for arms at one rate."""
    planned = shares(profile(share_of_own_capacity=0.6), CATALOGUE, [], capacity_of)
    rates = {trial.arm.strategy: trial.arm.rate_per_s for trial in planned}
    assert rates == {"inline": 60, "gather": 36, "rq_queue": 6}
    (condition,) = {trial.arm.condition for trial in planned}
    assert condition.label == "login at 60 % of its own capacity"


@pytest.mark.parametrize("usual", Layout)
def test_what_a_profile_leaves_open_is_filled_in_and_nothing_else(usual: Layout) -> None:
    """A share of an arm's own capacity has the layout of the search."""
    open_one = filled_in(profile(rate_per_s=5), usual).comparison[0]
    own = filled_in(profile(share_of_own_capacity=0.5), usual).comparison[0]
    named = filled_in(profile(rate_per_s=5, layouts=["shared-core"]), usual).comparison[0]
    assert open_one.layouts == (usual,)
    assert own.layouts == (Layout.WORKER_APART,)
    assert named.layouts == (Layout.SHARED_CORE,)
