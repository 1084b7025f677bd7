"""Finds settings of a profile that contradict each other, before anything starts."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path

from after202.plan.same_stacks import differences
from after202.records.experiment import Layout, ServiceLevel
from after202.records.parts import LOADS, ComparisonPlan, FaultMatrix
from after202.records.profile import Profile

# No answer takes less, and a probe's drain waits for the longer limit.
LEAST_LIMIT_MS, MOST_LIMIT_MS = 0.01, 1e7
MOST_REQUESTS = 100_000


def contradictions(profile: Profile) -> Iterator[str]:
    """Yield one line per contradiction: where it is, what is wrong, and what to change."""
    yield from _twice("strategies", list(map(_stem, profile.strategies)))
    yield from _twice("variants", profile.variants)
    if profile.comparison and profile.strategies and profile.baseline not in profile.strategies:
        yield f"baseline {profile.baseline!r} is not among the strategies: add it, or name another"
    if profile.level:
        yield from _of_level("capacity.level", profile.level)
    for number, comparison in enumerate(profile.comparison):
        where = f"comparison.{number}"
        yield from _of_comparison(where, comparison)
        yield from _overlaps(where, comparison, profile.comparison[:number])
        yield from _outside(f"{where}.strategies", comparison.strategies, profile.strategies)
        if comparison.variants and profile.variants[0] not in comparison.variants:
            yield (
                f"{where}.variants: the baseline is measured in {profile.variants[0]!r}, the first"
                " of the profile's variants: add it"
            )
    yield from differences(profile.comparison)
    for number, pressure in enumerate(profile.pressure):
        yield from _again(f"pressure.{number}", pressure, profile.pressure[:number])
    for number, matrix in enumerate(profile.matrix):
        where = f"matrix.{number}"
        yield from _of_matrix(where, matrix)
        yield from _again(where, matrix, profile.matrix[:number])
        yield from _outside(f"{where}.strategies", matrix.strategies, profile.strategies)
    yield from _without_effect(profile)


def _without_effect(profile: Profile) -> Iterator[str]:
    """Yield a line for each variant and fault that is overridden but not measured."""
    variants = {
        *profile.variants,
        *(name for comparison in profile.comparison for name in comparison.variants),
        *(name for matrix in profile.matrix for name in matrix.variants),
    }
    for strategy, overridden in profile.variant.items():
        yield from _outside("variant", [strategy], profile.strategies)
        for variant in overridden:
            if variant not in variants:
                yield f"variant.{strategy}.{variant}: the profile has no such variant: add it there"
    struck = {name for matrix in profile.matrix for name in matrix.faults}
    for fault in profile.fault:
        if fault not in struck:
            yield f"fault.{fault}: no [[matrix]] has this fault: add it there"


def _of_level(where: str, level: ServiceLevel) -> Iterator[str]:
    limits_ms = (level.response_ms, level.completion_ms)
    if not all(LEAST_LIMIT_MS <= limit_ms < math.inf for limit_ms in limits_ms):
        yield (
            f"{where}: every rate keeps an infinite limit, and none keeps one below"
            f" {LEAST_LIMIT_MS:g} ms: give milliseconds in between"
        )
    elif max(limits_ms) > MOST_LIMIT_MS:
        yield f"{where}: a probe would wait for hours: give at most {MOST_LIMIT_MS:g} ms"
    if level.least_requests > MOST_REQUESTS:
        yield (
            f"{where}: such a quantile needs {level.least_requests:,} requests per probe:"
            " choose a lower one"
        )


def _overlaps(where: str, one: ComparisonPlan, others: Sequence[ComparisonPlan]) -> Iterator[str]:
    """Yield a line for each other comparison that has a condition of this one."""
    for number, other in enumerate(others):
        if _offered(one) & _offered(other):
            yield f"{where} is the same as comparison.{number}: leave one out, or change one"


def _offered(comparison: ComparisonPlan) -> set[tuple[object, ...]]:
    """Return what tells a comparison's conditions from others in the analysis.

    Where no layout is named, it may become any.
    """
    load = (comparison.workload, *(getattr(comparison, name) for name in LOADS))
    slots = comparison.slots or (None,)
    varied = product(comparison.layouts or tuple(Layout), comparison.api_processes, slots)
    return {(*load, *one) for one in varied}


def _again(where: str, one: object, others: Iterable[object]) -> Iterator[str]:
    for number, other in enumerate(others):
        if one == other:
            kind, _ = where.split(".")
            yield f"{where} is the same as {kind}.{number}: leave one out, or change one"


def _outside(where: str, named: Sequence[str], strategies: Sequence[str]) -> Iterator[str]:
    known = set(map(_stem, strategies))
    for name in named:
        if known and _stem(name) not in known:
            yield f"{where}: {name!r} is not among the profile's strategies: add it there"


def _stem(source: str) -> str:
    return Path(source).stem


def _of_comparison(where: str, comparison: ComparisonPlan) -> Iterator[str]:
    for name in ("layouts", "api_processes", "slots", "strategies", "variants"):
        yield from _twice(f"{where}.{name}", getattr(comparison, name) or ())
    if comparison.share_of_own_capacity is not None:
        yield from _of_own_share(where, comparison)
    if comparison.rate_per_s is not None:
        yield from _too_few(where, comparison.rate_per_s, comparison.window_s)


def _of_own_share(where: str, comparison: ComparisonPlan) -> Iterator[str]:
    if comparison.layouts or comparison.slots or comparison.api_processes != (1,):
        yield (
            f"{where}: share_of_own_capacity is a share of what [capacity] finds, with its layout:"
            " leave out layouts, api_processes and slots"
        )
    if comparison.baseline_copies > 1:
        yield (
            f"{where}: arms at shares of their own capacity are not compared with each other:"
            " leave out baseline_copies"
        )


def _too_few(where: str, rate_per_s: float, window_s: float) -> Iterator[str]:
    if rate_per_s * window_s < 1:
        yield (
            f"{where}: {rate_per_s:g}/s for {window_s:g} s is less than one request:"
            " make the window longer or the rate higher"
        )


def _of_matrix(where: str, matrix: FaultMatrix) -> Iterator[str]:
    for name in ("faults", "strategies", "variants", "durabilities"):
        yield from _twice(f"{where}.{name}", getattr(matrix, name) or ())
    yield from _too_few(where, matrix.rate_per_s, matrix.window_s)
    if matrix.fault_after_s >= matrix.window_s:
        yield (
            f"{where}: the fault strikes after {matrix.fault_after_s:g} s, and the load lasts"
            f" {matrix.window_s:g} s: let it strike earlier, or make window_s longer"
        )


def _twice(where: str, names: Sequence[object]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            shown = name if isinstance(name, int) else repr(str(name))
            yield f"{where}: {shown} is listed twice"
