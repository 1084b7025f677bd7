"""Where the ruled lines of an axis stand."""

import math
from collections.abc import Iterable

STEPS = {3: (1, 2, 5), 2: (1, 3), 1: (1,)}


def logarithmic(low: float, high: float, most: int) -> list[float]:
    """Return round values between two, at most so many if that can be done: 1, 2, 5 or less."""
    found: list[float] = []
    for steps in STEPS.values():
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found = [step * 10.0**power for power in powers for step in steps]
        found = [value for value in found if low <= value <= high]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]


def linear(high: float, most: int) -> list[float]:
    """Return round values from 0 up to a number, at most so many."""
    for power in range(math.floor(math.log10(high)) - 1, math.ceil(math.log10(high)) + 1):
        for step in (1, 2, 5):
            size = step * 10.0**power
            if high / size <= most - 1:
                return [size * n for n in range(math.floor(high / size) + 1)]
    return [0, high]


def limits(values: Iterable[float], below: float, above: float) -> tuple[float, float]:
    """Return the ends of a logarithmic axis that holds some values, with room on both sides."""
    found = [value for value in values if 0 < value < math.inf]
    return min(found, default=1) / below, max(found, default=1) * above
