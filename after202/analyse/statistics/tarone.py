"""Holm's correction over discrete tests, without those that could never reject."""

from collections.abc import Sequence

from after202.analyse.statistics import holm
from after202.records.design import SIGNIFICANT


def adjusted(p_values: Sequence[float], least: Sequence[float]) -> list[float]:
    """Return the adjusted p-values in the order given; 1 for tests that cannot reject.

    `least` has the smallest p that each test can have, whatever its outcome. Which tests can reject
    follows from these alone, so correcting for those keeps the level (Tarone 1990): five episodes
    in which a cell of a hundred changed are seen, although Holm over all hundred could not.
    """
    chosen = _able(least)
    found = [1.0] * len(p_values)
    corrected = holm.adjusted([p_values[index] for index in chosen])
    for index, p_value in zip(chosen, corrected, strict=True):
        found[index] = p_value
    return found


def _able(least: Sequence[float]) -> list[int]:
    """Return the tests that can reject if corrected for as many: the most for which that holds."""
    for tests in range(1, len(least) + 1):
        chosen = [index for index, p in enumerate(least) if p <= SIGNIFICANT / tests]
        if len(chosen) <= tests:
            return chosen
    return []
