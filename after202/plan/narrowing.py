"""Leaves out parts of a profile: what the options do not name, and what is not to be had here."""

from collections.abc import Collection, Mapping, Sequence

from after202.kernel.errors import UsageError
from after202.plan.catalogue import require_workloads
from after202.plan.same_stacks import kept
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile


def narrow(
    profile: Profile, only_strategies: Sequence[str], only_workloads: Sequence[str]
) -> Profile:
    """Keep what `--strategy` and `--workload` name; UsageError if nothing is left.

    Without the baseline among the strategies, there is no live A/A test.
    """
    require_workloads(only_workloads)
    wanted = kept(_with_legs(c, only_workloads) for c in profile.comparison)
    matrix = [m for m in profile.matrix if not only_workloads or m.workload in only_workloads]
    pressure = [p for p in profile.pressure if not only_workloads or p.workload in only_workloads]
    if not wanted and not matrix and not pressure:
        there = ", ".join(sorted(profile.workloads))
        raise UsageError(f"the profile has none of these workloads: it has {there}")
    parts = {"comparison": wanted, "matrix": tuple(matrix), "pressure": tuple(pressure)}
    chosen = profile.model_copy(update=parts)
    return of(chosen, only_strategies) if only_strategies else chosen


def without(profile: Profile, unavailable: Mapping[str, str]) -> Profile:
    """Leave out strategies that cannot run here, whose reasons are given.

    UsageError if the baseline is one of them, or if no other is left.
    """
    if (name := profile.baseline) in unavailable:
        raise UsageError(
            f"the baseline {name} is not available here: {unavailable[name]}; mend that, or name"
            " another baseline in a profile of your own"
        )
    gone = [name for name in profile.strategies if name in unavailable]
    if not gone:
        return profile
    left = [name for name in profile.strategies if name not in unavailable]
    if not left:
        raise UsageError(
            f"{gone[0]} is not available here: {unavailable[gone[0]]}; nothing is left"
        )
    return of(profile, left)


def of(profile: Profile, strategies: Sequence[str]) -> Profile:
    """Return the profile for these strategies, in place of its own.

    Its parts lose the strategies that they name besides; those that have none left are left out.
    """
    comparisons = (_comparison_of(one, profile.baseline, strategies) for one in profile.comparison)
    matrices = (one.model_copy(update={"strategies": _kept(one.strategies, strategies)})
                for one in profile.matrix
                if not one.strategies or _kept(one.strategies, strategies))  # fmt: skip
    named = {profile.baseline, *strategies}
    return profile.model_copy(
        update={
            "strategies": tuple(strategies),
            "comparison": kept(comparisons),
            "matrix": tuple(matrices),
            "variant": {name: given for name, given in profile.variant.items() if name in named},
        }
    )


def _comparison_of(
    comparison: ComparisonPlan, baseline: str, strategies: Collection[str]
) -> ComparisonPlan | None:
    """Return a comparison for these strategies; None if it has none of them."""
    found = comparison
    if comparison.strategies:
        kept = _kept((*comparison.strategies, baseline), strategies)
        if not kept:
            return None
        found = found.model_copy(update={"strategies": tuple(dict.fromkeys(kept))})
    return found if baseline in strategies else found.model_copy(update={"baseline_copies": 1})


def _kept(named: Sequence[str], strategies: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in named if name in strategies)


def _with_legs(comparison: ComparisonPlan, only: Sequence[str]) -> ComparisonPlan | None:
    """Return the comparison with the legs of these workloads alone; None if it has none of them."""
    then = tuple(leg for leg in comparison.then if leg.workload in only)
    if not only:
        return comparison
    if comparison.workload in only:
        return comparison.model_copy(update={"then": then})
    if not then:
        return None
    first = comparison.of_leg(1 + comparison.then.index(then[0]))
    return first.model_copy(update={"then": then[1:]})
