"""The verdict of a cell, three-valued."""

import pytest

from after202.analyse.jobs.guarantees import Seen, Verdict, decide

HOLDS, BROKEN, UNKNOWN = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN
GOOD = Seen({"once": 10}, 10, known=True)


def seen(known: bool = True, **classes: int) -> Seen:
    """Return an episode of these classes."""
    return Seen(classes, sum(classes.values()), known=known)


@pytest.mark.parametrize(
    ("others", "least", "most"),
    [
        ([], HOLDS, HOLDS),
        ([seen(once=9, late=1)], HOLDS, HOLDS),
        ([seen(once=9, failed_visibly=1)], HOLDS, HOLDS),
        ([seen(once=9, lost=1)], BROKEN, HOLDS),
        ([seen(once=9, duplicated=1)], HOLDS, BROKEN),
        ([seen(once=9, stranded=1)], UNKNOWN, HOLDS),
        ([seen(once=9, stranded=1), seen(once=9, lost=1)], BROKEN, HOLDS),
        ([seen(once=9, stranded=1, known=False)], HOLDS, HOLDS),
        ([seen(once=9, unseen=1)], UNKNOWN, HOLDS),
        ([seen(once=8, unseen=1, duplicated=1)], UNKNOWN, BROKEN),
        ([seen(once=9, unseen=1), seen(once=9, lost=1)], BROKEN, HOLDS),
        ([seen(once=9, unseen=1, known=False)], HOLDS, HOLDS),
        ([seen(once=9, lost=1, known=False)], BROKEN, HOLDS),
    ],
)
def test_one_bad_job_breaks_a_guarantee_and_an_open_one_leaves_it_unknown(
    others: list[Seen], least: Verdict, most: Verdict
) -> None:
    """Beside an episode in which all went well."""
    found = decide([GOOD, *others])
    assert (found.at_least_once, found.at_most_once) == (least, most)


@pytest.mark.parametrize(
    "nothing",
    [[], [seen(known=False, once=10)], [Seen({"refused": 5}, 0, known=True)]],
)
def test_without_an_episode_that_shows_something_nothing_is_known(nothing: list[Seen]) -> None:
    """No episode, one whose fault did not happen, one in which nothing was accepted."""
    found = decide(nothing)
    assert (found.at_least_once, found.at_most_once) == (UNKNOWN, UNKNOWN)
