"""What each comparison shows over several sessions."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from after202.analyse.findings.comparisons import findings
from after202.analyse.findings.finding import CONTROL, Finding
from after202.analyse.run import Run
from after202.analyse.statistics import holm, power, random_effects
from after202.analyse.statistics.difference import (
    ABOVE_ALL,
    EQUIVALENCE_MS,
    Difference,
    Shift,
    region,
)
from after202.analyse.statistics.random_effects import Pooled
from after202.records.design import SIGNIFICANT
from after202.records.experiment import Arm

Key = tuple[Arm, str, float]


@dataclass(frozen=True)
class Comparison:
    """One comparison in every session: `found` has each session's result, in their order.

    `difference_ms` and `log_ratio` are None where they cannot be averaged: work that never ended
    in a session, a constant that dilutes the ratio, or a session with fewer than three blocks.
    """

    found: tuple[Finding, ...]
    difference_ms: Pooled | None
    log_ratio: Pooled | None
    p_holm: float | None = None

    @property
    def quantile(self) -> float:
        """The quantile that is compared."""
        return self.found[0].pairing.quantile

    @property
    def verdict(self) -> Difference:
        """The verdict over sessions, by the same regions of practical equivalence as in one."""
        scales = [
            (pooled, within)
            for pooled, within in (
                (self.difference_ms, EQUIVALENCE_MS[self.quantile]),
                (self.log_ratio, region(self.quantile)),
            )
            if pooled is not None
        ]
        if self.difference_ms is None or self.p_holm is None:
            return Difference.INCONCLUSIVE
        relevant = all(abs(pooled.value) > within for pooled, within in scales)
        if self.p_holm < SIGNIFICANT and relevant:
            return Difference.FASTER if self.difference_ms.value < 0 else Difference.SLOWER
        if any(_is_inside(pooled, within) for pooled, within in scales):
            return Difference.SAME
        return Difference.INCONCLUSIVE

    @property
    def said(self) -> str:
        """The verdict in words; a control's is whether the copies are the same."""
        return CONTROL[self.verdict] if self.found[0].is_control else str(self.verdict)


def _is_inside(pooled: Pooled, within: float) -> bool:
    low, high = pooled.interval(0.90)
    return -within < low <= high < within


def comparisons(runs: Sequence[Run]) -> list[Comparison]:
    """Return the comparisons that all sessions have, with Holm's correction as in one session."""
    by_session = [{_key(one): one for one in findings(run)} for run in runs]
    shared = [key for key in by_session[0] if all(key in found for found in by_session)]
    families: dict[tuple[object, ...], list[Comparison]] = {}
    for key in shared:
        found = tuple(session[key] for session in by_session)
        arm, metric, quantile = key
        family = (arm.condition, metric, quantile, arm.is_copy)
        families.setdefault(family, []).append(_pooled(found))
    return [one for family in families.values() for one in _corrected(family)]


def _key(finding: Finding) -> Key:
    return finding.pairing.arm, finding.pairing.metric, finding.pairing.quantile


def _pooled(found: tuple[Finding, ...]) -> Comparison:
    return Comparison(
        found,
        _over_sessions(found, lambda one: one.shift_ms),
        _over_sessions(found, lambda one: one.log_ratio),
    )


def _over_sessions(
    found: tuple[Finding, ...], scale: Callable[[Finding], Shift | None]
) -> Pooled | None:
    estimates = list(_estimates(map(scale, found)))
    if any(one is None for one in estimates):
        return None
    known = [one for one in estimates if one is not None]
    return random_effects.pooled([value for value, _ in known], [error for _, error in known])


def _estimates(shifts: Iterator[Shift | None]) -> Iterator[tuple[float, float] | None]:
    """Yield each session's estimate and its standard error; None where there is none.

    The error is that of the Hodges-Lehmann estimate, from a robust scatter (`power`).
    """
    for shift in shifts:
        spread = power.scatter(shift.values) if shift is not None else None
        if shift is None or spread is None or abs(shift.found.value) > ABOVE_ALL:
            yield None
        else:
            blocks = power.EFFICIENCY * len(shift.values)
            yield shift.found.value, spread / math.sqrt(blocks)


def _corrected(family: list[Comparison]) -> list[Comparison]:
    known = [one for one in family if one.difference_ms is not None]
    adjusted = holm.adjusted([one.difference_ms.p_value for one in known if one.difference_ms])
    p_of = {id(one): p for one, p in zip(known, adjusted, strict=True)}
    return [
        Comparison(one.found, one.difference_ms, one.log_ratio, p_of.get(id(one))) for one in family
    ]
