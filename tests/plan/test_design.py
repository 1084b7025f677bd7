"""A profile's comparisons have the blocks that their verdicts need, whatever it asks for."""

import pytest

from after202.plan import design
from after202.plan.catalogue import Catalogue
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from tests.plan.catalogue import CATALOGUE, catalogue, facts


def many(arms: int) -> Catalogue:
    """Return a catalogue of copies of a strategy under other names, beside the baseline."""
    return catalogue(
        facts("background_tasks", "documented"),
        *(facts(f"copy_{number}", "documented") for number in range(1, arms)),
    )


def profile(blocks: int, **other: object) -> Profile:
    """Return a profile of one comparison of all strategies, with a copy of the baseline."""
    settings = {"workload": "signup", "rate_per_s": 5, "window_s": 2, "baseline_copies": 2}
    wanted = ComparisonPlan.model_validate({**settings, "blocks": blocks, **other})
    return Profile(description="x", comparison=(wanted,))


@pytest.mark.parametrize(
    ("arms", "blocks", "words"),
    [
        (5, 8, "8 blocks in place of 4, because 4 comparisons need 8"),
        (8, 9, "9 blocks in place of 4, because 7 comparisons need 9"),
        (15, 10, "10 blocks in place of 4, because 14 comparisons need 10"),
        (2, 6, "6 blocks in place of 4, because 1 comparison needs 6"),
    ],
)
def test_too_few_blocks_become_enough(arms: int, blocks: int, words: str) -> None:
    """Whoever drops in a strategy gets verdicts without another edit, and is told.

    Where a block that is lost is not run again, one more is spare.
    """
    said: list[str] = []
    chosen = design.sized(profile(4), many(arms), said.append)
    assert [c.blocks for c in chosen.comparison] == [blocks]
    assert said == [f"signup 5/s: {words} for verdicts"]
    once = profile(4).model_copy(update={"repeats": 0})
    assert design.sized(once, many(arms), said.append).comparison[0].blocks == blocks + 1
    assert said[1].endswith("for verdicts, and 1 is spare")


def test_comparisons_on_the_same_stacks_have_as_many_blocks() -> None:
    """As the one that needs most."""
    second = ComparisonPlan.model_validate(
        {**profile(4).comparison[0].model_dump(), "rate_per_s": 30, "same_stacks": True}
    ).model_copy(update={"strategies": ("copy_1",), "baseline_copies": 1})
    asked = profile(4).model_copy(update={"comparison": (*profile(4).comparison, second)})
    chosen = design.sized(asked, many(8), print)
    assert [c.blocks for c in chosen.comparison] == [9, 9]


def test_enough_blocks_stay_as_they_are() -> None:
    """More than the least is the profile's own choice."""
    asked, said = profile(12), list[str]()
    assert design.sized(asked, CATALOGUE, said.append) == asked
    assert not said


def test_a_look_stays_a_look_and_is_called_one() -> None:
    """Up to three blocks show whether all works; nobody waits for verdicts."""
    asked, said = profile(1), list[str]()
    assert design.sized(asked, CATALOGUE, said.append) == asked
    assert said == ["signup 5/s: 1 block is a look, without verdicts"]


def test_many_copies_of_the_baseline_are_a_family_too() -> None:
    """The live A/A test of six copies corrects for its five comparisons."""
    asked = profile(6, baseline_copies=6)
    assert design.family(asked, many(2), asked.comparison[0]) == 5


def test_without_a_baseline_nothing_is_compared() -> None:
    """Strategies that are only measured need no blocks for verdicts."""
    asked = profile(6, baseline_copies=1).model_copy(update={"strategies": ("inline", "gather")})
    assert design.sized(asked, CATALOGUE, print) == asked


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "windows of about 10 requests support p50; a p90 needs 44; a p99 needs 123"),
        ({"window_s": 6, "arrivals": "constant"}, "support p50 and p90; a p99 needs 100"),
        ({"rate_per_s": 25}, "about 50 requests support p50 and p90; a p99 needs 123"),
        ({"rate_per_s": 120}, "about 240 requests support p50 and p90 and p99"),
    ],
)
def test_what_a_window_supports_is_said(other: dict[str, object], words: str) -> None:
    """A Poisson window of 30 expected requests holds fewer every other time."""
    (line,) = design.windows(profile(8, **other))
    assert line.startswith("signup ")
    assert line.endswith(words)
