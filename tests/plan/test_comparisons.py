"""A profile expands to interleaved, repeatable trials."""

from collections import Counter
from itertools import pairwise

import pytest

from after202.kernel.errors import UsageError
from after202.plan.comparisons import comparisons
from after202.plan.contradictions import contradictions
from after202.plan.estimate import expected_s, trial_s
from after202.plan.narrowing import narrow
from after202.plan.repeats import repeats
from after202.records.experiment import Arrivals
from after202.records.parts import ComparisonPlan, Leg
from after202.records.profile import Profile
from after202.records.trial import Comparison, Trial
from after202.records.trial_record import TrialRecord
from loadtests.arrivals import due_times_s, staged_s
from tests.plan.catalogue import CATALOGUE


def profile(seed: int = 1) -> Profile:
    """Return a profile of two comparisons."""
    return Profile(
        description="x",
        seed=seed,
        baseline="inline",
        strategies=("inline", "gather", "rq_queue"),
        comparison=(
            ComparisonPlan(workload="login", rate_per_s=5, blocks=6, window_s=2, baseline_copies=2),
            ComparisonPlan(workload="reports", rate_per_s=2, blocks=2, window_s=3),
        ),
    )


def trials(seed: int = 1) -> list[Comparison]:
    """Return the profile's trials."""
    return comparisons(profile(seed), CATALOGUE)


def test_a_block_is_every_arm_once_with_one_schedule() -> None:
    """The trials of a block share a seed; the baseline runs twice."""
    planned = trials()
    first = [trial for trial in planned if trial.arm.workload == "login" and trial.block == 0]
    labels = Counter(trial.arm.label for trial in first)
    assert labels == {"inline": 1, "inline#2": 1, "gather": 1, "rq_queue": 1}
    assert len({trial.seed for trial in first}) == 1
    assert len({trial.seed for trial in planned}) == 8


def test_blocks_of_different_workloads_take_turns() -> None:
    """A drift of the machine meets every workload."""
    order = [(trial.arm.workload, trial.block) for trial in trials()]
    assert list(dict.fromkeys(order))[:4] == [
        ("login", 0), ("reports", 0), ("login", 1), ("reports", 1),
    ]  # fmt: skip


def test_the_order_is_drawn_by_the_seed_alone() -> None:
    """The same seed gives the same plan, another seed another."""
    assert trials() == trials()
    assert trials(1) != trials(2)


def test_every_arm_has_every_place_in_a_block_equally_often() -> None:
    """Four arms fill their places in four blocks; two more blocks add one at most."""
    blocks = [
        [t.arm.label for t in trials() if t.block == block and t.arm.workload == "login"]
        for block in range(6)
    ]
    for column in zip(*blocks, strict=True):
        assert len(set(column[:4])) == 4
        assert max(Counter(column).values()) <= 2


def test_the_expected_time_counts_load_and_overhead() -> None:
    """A queue's trial takes longer than one in-process."""
    planned = trials()
    assert expected_s(planned, CATALOGUE) > sum(trial.load_s for trial in planned)
    by_strategy = {trial.arm.strategy: trial_s(trial, CATALOGUE) for trial in planned}
    assert by_strategy["rq_queue"] > by_strategy["inline"]


def test_poisson_arrivals_have_the_rate_and_the_spread_of_their_process() -> None:
    """The gaps of 20,000 arrivals have mean and deviation 1/rate, within 3 %."""
    times = due_times_s(Arrivals.POISSON, 50, "seed")
    first = [next(times) for _ in range(20_000)]
    gaps = [after - before for before, after in zip([0.0, *first], first, strict=False)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert abs(mean * 50 - 1) < 0.03
    assert abs(deviation * 50 - 1) < 0.03


def test_constant_arrivals_have_equal_gaps() -> None:
    """Every gap is 1/rate, the phase is the seed's."""
    times = due_times_s(Arrivals.CONSTANT, 4, "seed")
    first = [next(times) for _ in range(10)]
    assert all(abs(b - a - 0.25) < 1e-9 for a, b in pairwise(first))
    assert 0 <= first[0] < 0.25


def record(trial: Trial, *, valid: bool) -> TrialRecord:
    """Return the record of a trial that has ended."""
    reasons = () if valid else ("the generator was late",)
    return TrialRecord(trial=trial, valid=valid, reasons=reasons, started_at="")


def test_a_block_with_an_invalid_trial_runs_again_as_a_whole_and_only_so_often() -> None:
    """The repetition has the block's arms and schedule, and is not repeated itself."""
    # Given a run of which one trial of block 3 was not valid
    planned = trials()
    late = next(t for t in planned if t.block == 3 and t.arm.strategy == "gather")
    records = {trial.id: record(trial, valid=trial != late) for trial in planned}

    # When the run is at its end
    more = repeats(planned, records, limit=2)

    # Then that block is planned once more
    block = [t for t in planned if t.block == 3]
    assert [t.arm for t in more] == [t.arm for t in block]
    assert {t.seed for t in more} == {late.seed}
    assert {t.repeats for t in more} == {3}
    assert not {t.id for t in more} & {t.id for t in planned}

    # And a workload that has fewer good blocks goes first
    other = next(t for t in planned if t.arm.workload == "reports")
    both = records | {other.id: record(other, valid=False)}
    assert {t.arm.workload for t in repeats(planned, both, limit=2)} == {"reports"}

    # And never a third time, nor beyond the limit, nor where all is well
    records |= {trial.id: record(trial, valid=False) for trial in more}
    assert repeats([*planned, *more], records, limit=2) == []
    assert repeats(planned, records, limit=0) == []
    assert repeats(planned, {t.id: record(t, valid=True) for t in planned}, limit=2) == []


def test_a_comparison_may_have_variants_of_its_own() -> None:
    """Strategies without a variant stay as documented, and are there once."""
    one = ComparisonPlan(
        workload="login", rate_per_s=5, blocks=1, window_s=2,
        strategies=("rq_queue",), variants=("documented", "one_message"),
    )  # fmt: skip
    planned = comparisons(profile().model_copy(update={"comparison": (one,)}), CATALOGUE)
    labels = Counter(trial.arm.label for trial in planned)
    assert labels == {"inline": 1, "rq_queue": 1, "rq_queue one_message": 1}


def test_a_leg_is_planned_on_the_stack_of_the_first() -> None:
    """One trial has all of them, and the schedule begins each anew."""
    planned = comparisons(with_legs(), CATALOGUE)
    assert len(planned) == 3 * 3
    assert {trial.id.split("-", 1)[1] for trial in planned} == {
        "login-inline", "login-gather", "login-rq_queue",
    }  # fmt: skip
    for trial in planned:
        assert (trial.goes, trial.load_s) == (3, 7.5)
        assert [(leg.arm.workload, leg.arm.rate_per_s) for leg in trial.legs] == [
            ("login", 5), ("process", 4), ("wait", 3),
        ]  # fmt: skip
        due = list(staged_s(trial.arrivals, trial.stages, "x"))
        for number, workload in enumerate(("login", "process", "wait")):
            mine = [due_s for due_s, name in due if name == workload]
            assert mine
            assert all(2.5 * number <= due_s < 2.5 * (number + 1) for due_s in mine)


def test_comparisons_on_the_same_stacks_are_one_trial_of_what_both_have() -> None:
    """Their legs follow each other; an arm of one of them is alone on its stack.

    A leg has one schedule of arrivals in all trials of its block, and a window of its own.
    """
    planned = comparisons(on_same_stacks(), CATALOGUE)
    block = [trial for trial in planned if trial.block == 0]
    legs = {
        trial.arm.name: [(leg.arm.rate_per_s, leg.window_s) for leg in trial.legs]
        for trial in block
    }
    assert legs == {
        "inline": [(30, 1.5), (5, 2.0)],
        "gather": [(30, 1.5), (5, 2.0)],
        "rq_queue": [(5, 2.0)],
        "inline#2": [(30, 1.5)],
    }
    trials_of = {trial.arm.name: trial for trial in block}
    assert trials_of["inline"].goes_s == (2.0, 2.5)
    assert trials_of["inline"].load_s == 4.5

    def due(name: str, before_s: float) -> list[float]:
        trial = trials_of[name]
        every = staged_s(trial.arrivals, trial.stages, str(trial.seed))
        return [at_s - before_s for at_s, _ in every if at_s >= before_s]

    assert due("rq_queue", 0.0) == pytest.approx(due("inline", 2.0))


def test_a_block_on_the_same_stacks_runs_again_as_a_whole() -> None:
    """What is wrong with one trial is wrong with each leg that it shares with others."""
    planned = comparisons(on_same_stacks(), CATALOGUE)
    late = next(trial for trial in planned if trial.arm.copy_number == 2 and trial.block == 1)
    records = {trial.id: record(trial, valid=trial != late) for trial in planned}
    more = repeats(planned, records, limit=2)
    assert [t.arm for t in more] == [t.arm for t in planned if t.block == 1]
    assert len(more) == 4


def test_what_follows_a_comparison_that_is_left_out_stands_for_itself() -> None:
    """It has all of its arms, on stacks of their own."""
    first, second = on_same_stacks().comparison
    other = first.model_copy(update={"workload": "wait"})
    left = narrow(
        on_same_stacks().model_copy(update={"comparison": (other, second)}), (), ["login"]
    )
    assert [one.same_stacks for one in left.comparison] == [False]
    assert [one.same_stacks for one in narrow(on_same_stacks(), (), []).comparison] == [False, True]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"blocks": 4}, "comparison.1.same_stacks: blocks differs from the comparison before"),
        ({"warm_up_s": 1}, "comparison.1.same_stacks: warm_up_s differs"),
        ({"rate_per_s": None, "share_of_capacity": 0.5}, "both comparisons need a rate_per_s"),
    ],
)
def test_comparisons_that_cannot_share_stacks_are_refused(
    changed: dict[str, object], said: str
) -> None:
    """In one line, before anything starts."""
    first, second = on_same_stacks().comparison
    other = second.model_copy(update=changed)
    found = contradictions(on_same_stacks().model_copy(update={"comparison": (first, other)}))
    assert said in "; ".join(found)
    (alone,) = contradictions(on_same_stacks().model_copy(update={"comparison": (second,)}))
    assert "there is no comparison before it" in alone


def on_same_stacks() -> Profile:
    """Return a profile of two comparisons: a rate that RQ cannot take, and one that it can."""
    first = ComparisonPlan(
        workload="login", rate_per_s=30, strategies=("gather",), baseline_copies=2,
        blocks=3, warm_up_s=0.5, window_s=1.5,
    )  # fmt: skip
    second = ComparisonPlan(
        workload="login", rate_per_s=5, same_stacks=True, blocks=3, warm_up_s=0.5, window_s=2
    )
    return profile().model_copy(update={"comparison": (first, second)})


def test_workloads_that_are_named_keep_their_legs_alone() -> None:
    """The first that is left has the trial, and a comparison with none of them is left out."""

    def kept(*only: str) -> list[tuple[str, ...]]:
        return [comparison.workloads for comparison in narrow(with_legs(), (), only).comparison]

    assert kept() == [("login", "process", "wait")]
    assert kept("login") == [("login",)]
    assert kept("login", "wait") == [("login", "wait")]
    assert kept("process", "wait") == [("process", "wait")]
    (process,) = narrow(with_legs(), (), ["process"]).comparison
    assert process.rate_per_s == 4
    with pytest.raises(UsageError, match="it has login, process, wait"):
        narrow(with_legs(), (), ["signup"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"turns": 2}, "has no turns"),
        ({"workload": "wait"}, "has each workload once"),
        ({"rate_per_s": None, "share_of_own_capacity": 0.5}, "share_of_own_capacity needs"),
    ],
)
def test_legs_that_cannot_be_are_refused(changed: dict[str, object], said: str) -> None:
    """In one line, before anything starts."""
    values = with_legs().comparison[0].model_dump() | changed
    with pytest.raises(ValueError, match=said):
        Profile(description="x", comparison=(ComparisonPlan.model_validate(values),))


def with_legs() -> Profile:
    """Return a profile of one comparison with three legs."""
    then = (Leg(workload="process", rate_per_s=4), Leg(workload="wait", rate_per_s=3))
    compared = ComparisonPlan(
        workload="login", rate_per_s=5, then=then, blocks=3, warm_up_s=0.5, window_s=2
    )
    return profile().model_copy(update={"comparison": (compared,)})
