"""Which pressure trials a profile has, and when their requests fall due."""

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from after202.kernel.errors import UsageError
from after202.measure.load.generator import scheduled
from after202.plan import estimate, pressures, reading
from after202.plan.remarks import remarks
from after202.records.experiment import Arrivals
from after202.records.planned import Stage
from after202.records.profile import Profile
from after202.records.trial import Pressure
from loadtests.arrivals import due_times_s, staged_s
from tests.plan.catalogue import CATALOGUE

BURST = {"shape": "burst", "workload": "reports", "jobs": 1000, "within_s": 1}
OVERLOAD = {
    "shape": "overload", "workload": "reports", "times_capacity": 1.5, "for_s": 20,
    "before_s": 1, "rest_s": 10,
}  # fmt: skip
BACKLOG = {
    "shape": "backlog", "workload": "empty", "ahead": "wait", "jobs": 200, "rate_per_s": 4,
}  # fmt: skip

PREFILL = {"shape": "prefill", "workload": "empty", "jobs": 10_000, "rate_per_s": 200}


def profile(*plans: dict[str, Any], **changes: Any) -> Profile:
    """Return a profile of these pressures."""
    return Profile.model_validate({"description": "x", "pressure": plans, **changes})


def test_every_arm_is_pressed_as_often_as_the_profile_says() -> None:
    """Three rounds of the strategies, each arm once before any arm comes again."""
    planned = pressures.pressures(profile(BURST), CATALOGUE, before=7)
    assert Counter(one.arm.strategy for one in planned) == dict.fromkeys(CATALOGUE.names(), 3)
    arms = len(CATALOGUE.names())
    assert [one.number for one in planned] == [1] * arms + [2] * arms + [3] * arms
    assert [one.id[:3] for one in planned] == [f"{7 + place:03d}" for place in range(3 * arms)]


def test_an_overload_is_a_multiple_of_each_arms_own_capacity() -> None:
    """1.5 x what the arm does, between stages at a tenth of that; planned once."""
    wanted = profile(BURST, OVERLOAD)
    first = pressures.pressures(wanted, CATALOGUE, before=0)
    assert {one.shape for one in first} == {"burst"}

    def capacity_per_s(arm: Any) -> float:
        return 40.0 if arm.strategy == "rq_queue" else 200.0

    more = pressures.overloads(wanted, CATALOGUE, first, capacity_per_s)
    found = {one.arm.strategy: one for one in more}
    assert len(more) == 3 * len(CATALOGUE.names())
    assert [stage.rate_per_s for stage in found["rq_queue"].stages] == [4, 60, 4]
    assert [stage.for_s for stage in found["inline"].stages] == [1, 20, 10]
    assert found["inline"].pressed.rate_per_s == 300
    assert pressures.overloads(wanted, CATALOGUE, [*first, *more], capacity_per_s) == []
    assert pressures.overloads(wanted, CATALOGUE, first, lambda _: None) == []


def test_an_overload_at_a_given_rate_needs_no_capacity() -> None:
    """It is the same for all, and planned at first."""
    fixed = {**OVERLOAD, "rate_per_s": 100}
    del fixed["times_capacity"]
    planned = estimate.planned_at_first(profile(fixed), CATALOGUE)
    assert {one.arm.rate_per_s for one in planned} == {100}
    assert pressures.overloads(profile(fixed), CATALOGUE, planned, lambda _: 1.0) == []


def test_a_backlog_comes_first_and_the_quick_jobs_behind_it() -> None:
    """The arm's workload is the quick one, and so is its rate."""
    (one, *_) = pressures.pressures(profile(BACKLOG), CATALOGUE, before=0)
    assert [stage.workload for stage in one.stages] == ["wait", "empty"]
    assert (one.arm.workload, one.arm.rate_per_s, one.load_s) == ("empty", 4, 6)
    assert profile(BACKLOG).workloads == {"empty", "wait"}


@pytest.mark.parametrize(
    ("plans", "said"),
    [
        ((OVERLOAD,), "needs a burst or a"),
        (({**OVERLOAD, "workload": "empty"}, BURST), "needs a burst or a"),
        ((BURST, {**OVERLOAD, "rate_per_s": 5}), "either rate_per_s or times_capacity"),
        ((), "needs a [[comparison]], a [[matrix]] or a [[pressure]]"),
        (({**BURST, "shape": "flood"},), "shape"),
    ],
)
def test_a_pressure_that_cannot_be_planned_is_refused(
    plans: tuple[dict[str, Any], ...], said: str
) -> None:
    """A capacity comes from a search or from a burst of the same work."""
    with pytest.raises(ValidationError) as error:
        profile(*plans)
    assert said in str(error.value)


def test_stages_follow_each_other_and_are_drawn_alike_wherever_they_stand() -> None:
    """At 4/s for 2 s, then 10/s for 1 s: the second stage's times begin at 2 s.

    A trial that has the second alone offers it at the same times, and once more at others.
    """
    stages = (
        Stage(workload="a", rate_per_s=4, for_s=2),
        Stage(workload="b", rate_per_s=10, for_s=1),
    )
    due = list(staged_s(Arrivals.CONSTANT, stages, "seed"))
    assert [workload for _, workload in due] == ["a"] * 8 + ["b"] * 10
    first = due_times_s(Arrivals.CONSTANT, 4, "seed a 4.0 0")
    assert [at_s for at_s, _ in due[:8]] == [next(first) for _ in range(8)]
    alone = [at_s for at_s, _ in staged_s(Arrivals.CONSTANT, stages[1:], "seed")]
    assert [at_s for at_s, _ in due[8:]] == pytest.approx([2.0 + at_s for at_s in alone])
    twice = [at_s for at_s, _ in staged_s(Arrivals.CONSTANT, (stages[1], stages[1]), "seed")]
    assert twice[:10] == alone
    assert [at_s - 1 for at_s in twice[10:]] != pytest.approx(alone)


def test_a_burst_schedules_exactly_its_jobs() -> None:
    """A thousand in a second, as the generator's account is compared with."""
    (one, *_) = pressures.pressures(profile(BURST), CATALOGUE, before=0)
    assert isinstance(one, Pressure)
    assert scheduled(one) == 1000


def test_a_prefill_has_its_jobs_and_the_strategies_with_a_worker() -> None:
    """A number of jobs, not a duration; the others are named in a line."""
    wanted = profile(PREFILL)
    planned = pressures.pressures(wanted, CATALOGUE, before=0)
    assert Counter(one.arm.strategy for one in planned) == {"celery_queue": 3, "rq_queue": 3}
    assert {(scheduled(one), one.load_s, one.pressed_jobs) for one in planned} == {
        (10_000, 50, 10_000)
    }
    assert {one.title for one in planned} == {"10000 empty enqueued before the worker starts"}
    (line,) = remarks(wanted, CATALOGUE)
    assert line.endswith("so left out: background_tasks, create_task, gather, inline, process_pool")


def test_the_work_of_a_prefill_is_not_done_during_its_load() -> None:
    """The estimate counts the whole drain: 10,000 messages at 3 ms."""
    (one, *_) = pressures.pressures(profile(PREFILL, strategies=["celery_queue"]), CATALOGUE, 0)
    assert estimate.backlog_s(one, CATALOGUE) == pytest.approx(30)
    burst = one.model_copy(update={"shape": "burst"})
    assert estimate.backlog_s(burst, CATALOGUE) == 0


def test_a_prefill_without_any_worker_is_refused() -> None:
    """There would be nothing to start."""
    wanted = profile(PREFILL, strategies=["inline", "gather"])
    with pytest.raises(UsageError, match=r"pressure.0: a prefill needs a strategy with a worker"):
        list(remarks(wanted, CATALOGUE))


def test_the_shipped_profile_takes_at_most_fifteen_minutes() -> None:
    """With the overloads, whose rates are not known at first."""
    shipped = reading.read("pressure")
    ahead = estimate.foreseen(shipped, CATALOGUE, estimate.planned_at_first(shipped, CATALOGUE))
    assert Counter(one.shape for one in ahead if isinstance(one, Pressure)) == {
        "burst": 15, "overload": 15, "backlog": 15,
    }  # fmt: skip
    assert estimate.expected_s(ahead, CATALOGUE) < 15 * 60
