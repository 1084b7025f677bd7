"""The order of arms within blocks, and of trials within rounds of turns: Latin squares."""

from random import Random

Order = tuple[int, ...]


def balanced(count: int, rows: int, random: Random) -> list[Order]:
    """Return this many orders of the numbers below `count`, balanced over the rows.

    Each run of `count` rows, from the first on, is a Latin square: every number is once in every
    place. In what is left over, none is twice in one place. After a whole square every number has
    directly followed each other number once, and after two where `count` is odd (Williams 1949).
    The numbers of each design and the order of its rows are drawn at random.
    """
    found: list[Order] = []
    while len(found) < rows:
        found += _design(count, random)
    return found[:rows]


def _design(count: int, random: Random) -> list[Order]:
    """Return a Latin square of Williams, and its mirror image where `count` is odd."""
    names = random.sample(range(count), count)
    square = [
        tuple(names[(place + shift) % count] for place in _zigzag(count)) for shift in range(count)
    ]
    mirrored = [row[::-1] for row in square] if count % 2 else []
    return random.sample(square, len(square)) + random.sample(mirrored, len(mirrored))


def _zigzag(count: int) -> list[int]:
    """Return 0, n - 1, 1, n - 2, ...: for an even n, all steps between neighbours differ."""
    return [place // 2 if place % 2 == 0 else count - 1 - place // 2 for place in range(count)]
