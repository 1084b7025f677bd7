"""Finds settings of a profile that contradict each other, before anything starts."""

import math
from collections.abc import Iterator, Sequence

from after202.records.profile import ComparisonPlan, FaultMatrix, Profile


def contradictions(profile: Profile) -> Iterator[str]:
    """Yield one line per contradiction: where it is, what is wrong, and what to change."""
    for name in ("strategies", "variants"):
        yield from _twice(name, getattr(profile, name))
    if profile.comparison and profile.strategies and profile.baseline not in profile.strategies:
        yield f"baseline {profile.baseline!r} is not among the strategies: add it, or name another"
    if profile.level and not math.isfinite(profile.level.response_ms + profile.level.completion_ms):
        yield "capacity.level: every rate keeps an infinite limit: give finite milliseconds"
    for number, comparison in enumerate(profile.comparison):
        yield from _of_comparison(f"comparison.{number}", comparison)
    for number, matrix in enumerate(profile.matrix):
        yield from _of_matrix(f"matrix.{number}", matrix)


def _of_comparison(where: str, comparison: ComparisonPlan) -> Iterator[str]:
    rate_per_s = comparison.rate_per_s
    if rate_per_s is not None and rate_per_s * comparison.window_s < 1:
        yield (
            f"{where}: {rate_per_s:g}/s for {comparison.window_s:g} s is less than one request:"
            " make the window longer or the rate higher"
        )


def _of_matrix(where: str, matrix: FaultMatrix) -> Iterator[str]:
    for name in ("faults", "strategies", "variants", "durabilities"):
        yield from _twice(f"{where}.{name}", getattr(matrix, name) or ())
    if matrix.fault_after_s >= matrix.window_s:
        yield (
            f"{where}: the fault strikes after {matrix.fault_after_s:g} s, and the load lasts"
            f" {matrix.window_s:g} s: let it strike earlier, or make window_s longer"
        )


def _twice(where: str, names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{where}: {name!r} is listed twice"
