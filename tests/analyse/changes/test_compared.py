"""Two runs compared: what changed is found, what did not is not, and the hour is not the arm."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from after202.analyse.changes.compared import Compared, compare
from after202.analyse.changes.mishaps import Fate, Mishap
from after202.analyse.statistics.difference import Difference
from after202.kernel.errors import UsageError
from tests.analyse.changes.sessions import Session, halves, run_of

SPLITS = 60


def compared(before: Session, after: Session, seed: int = 202) -> Compared:
    """Compare two sessions, drawn one after the other."""
    random = Random(seed)
    return compare(before.run("a", random), after.run("b", random))


def found_something(one: Compared) -> bool:
    """Return whether anything is said to have changed, for better or worse."""
    fates = {change.fate for change in one.mishaps} & {Fate.WORSE, Fate.BETTER}
    return bool(fates or one.slower or one.faster)


def share(found: Sequence[bool]) -> float:
    """Return the share of what is true."""
    return sum(found) / len(found)


def test_two_equal_runs_show_nothing_in_19_of_20() -> None:
    """A run's blocks, dealt out to two runs, 60 times, with the noise of real sessions."""
    random = Random(202)
    drawn = [halves(Session(blocks=20).run("x", random), random) for _ in range(SPLITS)]
    assert share([found_something(compare(*pair)) for pair in drawn]) <= 0.05


def test_one_run_dealt_out_again_and_again_shows_nothing_in_19_of_20() -> None:
    """The same, of a single run: its trials alone decide, not another draw."""
    random = Random(7)
    run = Session(blocks=24).run("x", random)
    pairs = [halves(run, random) for _ in range(SPLITS)]
    assert share([found_something(compare(*pair)) for pair in pairs]) <= 0.05


def test_ten_per_cent_are_found_in_nine_of_ten() -> None:
    """With 40 blocks in either run; another arm is named in one of twenty at most."""
    usual, slower = Session(blocks=40), Session(blocks=40, slower=1.1)
    found = [compared(usual, slower, seed) for seed in range(30)]
    assert share([one.exit_code == 1 for one in found]) >= 0.9
    others = (
        {change.samples.arm.strategy for change in (*one.slower, *one.faster)} - {"celery_queue"}
        for one in found
    )
    # Three of 30, where one in twenty is allowed, may be chance.
    assert share([bool(named) for named in others]) <= 0.1


def test_what_is_faster_is_no_reason_to_fail() -> None:
    """The same two runs the other way round."""
    one = compared(Session(blocks=24, slower=1.2), Session(blocks=24))
    assert one.exit_code == 0
    assert {change.samples.arm.strategy for change in one.faster} == {"celery_queue"}


def test_a_slower_hour_is_not_a_slower_strategy() -> None:
    """Everything takes a fifth longer, the generator too: slower, but in doubt, with the reason."""
    one = compared(Session(blocks=24), Session(blocks=24, hour=1.2))
    assert one.generator_ratio == pytest.approx(1.2)
    assert not one.slower
    assert one.exit_code == 0
    said = {
        change.samples.arm.strategy: change.said
        for change in one.changes
        if change.verdict is Difference.SLOWER
    }
    assert said["celery_queue"] == "slower, but background_tasks may have changed as much"
    assert said["background_tasks"] == "slower, but the machine may have changed as much"


def test_a_slower_strategy_is_found_in_a_slower_hour() -> None:
    """The baseline beside it tells the hour apart from what changed."""
    one = compared(Session(blocks=24), Session(blocks=24, hour=1.1, slower=1.3))
    assert {change.samples.arm.strategy for change in one.slower} == {"celery_queue"}


def test_a_baseline_that_is_slower_on_the_same_machine_is_found() -> None:
    """It has no baseline beside it; the generator's work shows that the machine is the same."""
    before, after = (Session(blocks=24).run(name, Random(3)) for name in "ab")
    trials = [
        replace(one, quantiles_ms={key: 1.3 * ms for key, ms in one.quantiles_ms.items()})
        for one in after.comparisons
    ]
    one = compare(before, run_of("b", trials))
    assert {change.samples.arm.strategy for change in one.slower} == {"background_tasks"}


def test_one_lost_job_without_a_fault_is_enough() -> None:
    """B lost work that A kept: no test is needed, and it comes before speed."""
    one = compared(Session(blocks=3), Session(blocks=3, lost=1))
    (worse,) = one.worse_mishaps
    assert (worse.tallies.mishap, worse.tallies.cell[0]) == (Mishap.LOST, "celery_queue")
    assert (str(worse.tallies.before), str(worse.tallies.after)) == ("0 of 3", "3 of 3")
    assert one.exit_code == 1
    assert compared(Session(blocks=3, lost=1), Session(blocks=3)).exit_code == 0


def test_a_strategy_that_always_lost_work_is_not_worse_now() -> None:
    """A kept as little as B."""
    one = compared(Session(blocks=8, lost=2), Session(blocks=8, lost=2))
    assert one.worse_mishaps == []
    assert one.exit_code == 0


def test_a_run_whose_copies_of_the_baseline_differ_is_no_proof() -> None:
    """The live A/A test of either run is a doubt against its verdicts."""
    before = Session(blocks=24).run("a", Random(1))
    after = Session(blocks=24, slower=1.5).run("b", Random(2))
    arms = {one.record.trial.arm for one in after.comparisons}
    (baseline,) = (arm for arm in arms if arm.strategy == "background_tasks")
    copies = [
        replace(
            one,
            record=one.record.model_copy(
                update={
                    "trial": one.record.trial.model_copy(
                        update={"arm": baseline.model_copy(update={"copy_number": 2})}
                    )
                }
            ),
            quantiles_ms={key: 1.4 * ms for key, ms in one.quantiles_ms.items()},
        )
        for one in after.comparisons
        if one.record.trial.arm == baseline
    ]
    assert compare(before, after).slower
    a, b = (
        run_of(name, [*run.comparisons, *copies]) for name, run in (("a", before), ("b", after))
    )
    doubted = compare(a, b)
    assert doubted.slower == []
    said = [one.said for one in doubted.changes if one.verdict is Difference.SLOWER]
    assert all("two copies of the baseline differ in B" in one for one in said)


def test_runs_without_anything_in_common_are_refused() -> None:
    """There is no trial of an arm of both."""
    run = Session(blocks=2).run("a", Random(1))
    with pytest.raises(UsageError, match="nothing in common"):
        compare(run, run_of("b", []))
