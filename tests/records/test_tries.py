"""Answers to whether a level is kept, of which most decide."""

import pytest

from after202.records.tries import decided, interval


@pytest.mark.parametrize(
    ("answers", "tries", "answer"),
    [
        ([], 3, None),
        ([True], 3, None),
        ([True, False], 3, None),
        ([True, True], 3, True),
        ([True, False, False], 3, False),
        ([False], 1, False),
        ([True, True, False, False, False], 3, False),
        ([True, True, False, False], 3, None),
    ],
)
def test_most_decide(answers: list[bool], tries: int, answer: bool | None) -> None:
    """As soon as they are more than half of all that there may be, or that there are."""
    assert decided(answers, tries) is answer


def test_what_is_decided_counts_for_more_than_a_single_try() -> None:
    """A miss at 50 in a slow moment, before 60 was kept twice and 70 missed twice."""
    answers = [(40, True), (50, False), (60, True), (60, True), (60, None)]
    answers += [(70, False), (70, True), (70, False)]
    assert interval(answers, 3) == (60, 70)


def test_a_search_that_was_stopped_shows_what_it_has() -> None:
    """Nothing is decided yet, or only one end."""
    assert interval([(10, True), (15, True), (20, False)], 3) == (15, 20)
    assert interval([(10, True), (20, False), (20, False)], 3) == (10, 20)
    assert interval([(10, True), (20, None)], 3) == (10, None)
    assert interval([(10, False)], 3) == (None, 10)
    assert interval([], 3) == (None, None)
