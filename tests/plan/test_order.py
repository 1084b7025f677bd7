"""Orders that are balanced over rows, for any number of arms and of rows."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from after202.plan.order import balanced


@pytest.mark.parametrize("count", [1, 2, 5, 6, 15])
def test_a_square_has_every_number_once_in_every_place(count: int) -> None:
    """An effect of the place within a block then meets every arm alike."""
    for columns in zip(*balanced(count, count, Random(1)), strict=True):
        assert sorted(columns) == list(range(count))


@pytest.mark.parametrize(("count", "rows"), [(6, 9), (5, 8), (15, 11), (16, 40)])
def test_places_are_as_even_as_the_rows_allow(count: int, rows: int) -> None:
    """Blocks that do not fill a square leave no arm more than one place behind another."""
    orders = balanced(count, rows, Random(1))
    assert len(orders) == rows
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(count))}
    for column in zip(*orders, strict=True):
        times = Counter(dict.fromkeys(range(count), 0) | Counter(column))
        assert max(times.values()) - min(times.values()) <= 1


@pytest.mark.parametrize(("count", "rows", "times"), [(6, 6, 1), (5, 10, 2), (15, 30, 2)])
def test_every_number_follows_each_other_one_equally_often(
    count: int, rows: int, times: int
) -> None:
    """What a trial leaves behind then meets every arm alike."""
    after = Counter(pair for order in balanced(count, rows, Random(1)) for pair in pairwise(order))
    assert after == {(a, b): times for a in range(count) for b in range(count) if a != b}


def test_the_orders_are_the_seeds() -> None:
    """The same seed gives the same orders, another seed others."""
    assert balanced(6, 9, Random(1)) == balanced(6, 9, Random(1))
    assert balanced(6, 9, Random(1)) != balanced(6, 9, Random(2))
