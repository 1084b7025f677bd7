"""How many blocks verdicts need, by the test that gives them."""

import pytest

from after202.analyse.statistics import holm
from after202.analyse.statistics.hodges_lehmann import p_value
from after202.records.design import SIGNIFICANT, least_blocks


@pytest.mark.parametrize("tests", [1, 2, 3, 4, 6, 7, 12, 13, 24, 25, 26, 100])
def test_the_least_blocks_are_those_with_which_holm_first_rejects(tests: int) -> None:
    """One block fewer leaves every difference open, however large it is."""
    least = least_blocks(tests)
    others = [1.0] * (tests - 1)
    found = {
        blocks: holm.adjusted([p_value([3.0] * blocks), *others])[0] < SIGNIFICANT
        for blocks in (least - 1, least)
    }
    assert found == {least - 1: False, least: True}


def test_the_numbers_that_the_documentation_gives() -> None:
    """They are stated, so they are checked."""
    assert [least_blocks(tests) for tests in (4, 6, 7, 12, 13, 25)] == [8, 8, 9, 9, 10, 10]
