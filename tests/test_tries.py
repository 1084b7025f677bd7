"""Answers to whether a level is kept, of which most decide."""

import pytest

from bench.tries import decided, interval


@pytest.mark.parametrize(
    ("answers", "tries", "answer"),
    [
        ([], 3, None),
        ([True], 3, None),
        ([True, False], 3, None),
        ([True, True], 3, True),
        ([True, False, False], 3, False),
        ([False], 1, False),
    ],
)
def test_most_decide(answers: list[bool], tries: int, answer: bool | None) -> None:
    """As soon as they are more than half of all that there may be."""
    assert decided(answers, tries) is answer


def test_what_is_decided_counts_for_more_than_a_single_try() -> None:
    """A miss at 50 in a slow moment, before 60 was kept twice and 70 missed twice."""
    answers = {40.0: [True], 50.0: [False], 60.0: [True, True], 70.0: [False, True, False]}
    assert interval(answers, 3) == (60, 70)


def test_a_search_that_was_stopped_shows_what_it_has() -> None:
    """Nothing is decided yet, or only one end."""
    assert interval({10.0: [True], 15.0: [True], 20.0: [False]}, 3) == (15, 20)
    assert interval({10.0: [True], 20.0: [False, False]}, 3) == (10, 20)
    assert interval({10.0: [True]}, 3) == (10, None)
    assert interval({10.0: [False]}, 3) == (None, 10)
    assert interval({}, 3) == (None, None)
