"""The verdicts of a cell, each three-valued."""

import pytest

from after202.analyse.jobs.guarantees import Guarantees, Seen, Verdict, decide

HOLDS, BROKEN, UNKNOWN = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN
GOOD = Seen({"once": 10}, 10, known=True)


def seen(known: bool = True, begun_again: int = 0, **classes: int) -> Seen:
    """Return an episode of these classes."""
    return Seen(classes, sum(classes.values()), known=known, begun_again=begun_again)


@pytest.mark.parametrize(
    ("others", "done", "begun", "visible"),
    [
        ([], HOLDS, HOLDS, UNKNOWN),
        ([seen(once=9, late=1)], HOLDS, HOLDS, UNKNOWN),
        ([seen(once=9, failed_visibly=1)], BROKEN, HOLDS, HOLDS),
        ([seen(once=9, lost=1)], BROKEN, HOLDS, BROKEN),
        ([seen(once=8, lost=1, failed_visibly=1)], BROKEN, HOLDS, BROKEN),
        ([seen(once=9, duplicated=1)], HOLDS, BROKEN, UNKNOWN),
        ([seen(once=10, begun_again=1)], HOLDS, BROKEN, UNKNOWN),
        ([seen(once=9, stranded=1)], UNKNOWN, HOLDS, UNKNOWN),
        ([seen(once=9, stranded=1), seen(once=9, lost=1)], BROKEN, HOLDS, BROKEN),
        ([seen(once=9, stranded=1, known=False)], HOLDS, HOLDS, UNKNOWN),
        ([seen(once=9, unseen=1)], UNKNOWN, HOLDS, UNKNOWN),
        ([seen(once=8, unseen=1, duplicated=1)], UNKNOWN, BROKEN, UNKNOWN),
        ([seen(once=9, unseen=1), seen(once=9, lost=1)], BROKEN, HOLDS, BROKEN),
        ([seen(once=9, unseen=1, known=False)], HOLDS, HOLDS, UNKNOWN),
        ([seen(once=9, lost=1, known=False)], BROKEN, HOLDS, BROKEN),
    ],
)
def test_one_bad_job_breaks_a_guarantee_and_an_open_one_leaves_it_unknown(
    others: list[Seen], done: Verdict, begun: Verdict, visible: Verdict
) -> None:
    """Beside an episode in which all went well."""
    assert decide([GOOD, *others]) == Guarantees(done, begun, visible)


@pytest.mark.parametrize(
    "nothing",
    [[], [seen(known=False, once=10)], [Seen({"refused": 5}, 0, known=True)]],
)
def test_without_an_episode_that_shows_something_nothing_is_known(nothing: list[Seen]) -> None:
    """No episode, one whose fault did not happen, one in which nothing was accepted."""
    assert decide(nothing) == Guarantees(UNKNOWN, UNKNOWN, UNKNOWN)


def test_a_damaged_ledger_may_hide_that_a_step_was_begun_again() -> None:
    """What it does show still counts."""
    damaged = Seen({"once": 10}, 10, known=True, complete=False)
    assert decide([damaged]) == Guarantees(HOLDS, UNKNOWN, UNKNOWN)
    again = Seen({"once": 10}, 10, known=True, complete=False, begun_again=1)
    assert decide([damaged, again]).begun_at_most_once is BROKEN
