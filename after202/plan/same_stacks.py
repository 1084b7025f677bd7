"""Comparisons whose legs follow each other on the same stacks."""

from collections.abc import Iterable, Iterator, Sequence

from after202.records.parts import ComparisonPlan

# What a trial has once, whatever its legs: all comparisons on its stack must have the same.
ALIKE = (
    "blocks", "layouts", "api_processes", "slots", "arrivals", "warm_up_s", "drain_s",
    "bystander_per_s", "rest_s", "turns",
)  # fmt: skip


def grouped(wanted: Iterable[ComparisonPlan]) -> list[list[ComparisonPlan]]:
    """Return the comparisons in groups, each of which is measured on the same stacks."""
    groups: list[list[ComparisonPlan]] = []
    for comparison in wanted:
        if comparison.same_stacks and groups:
            groups[-1].append(comparison)
        else:
            groups.append([comparison])
    return groups


def kept(found: Iterable[ComparisonPlan | None]) -> tuple[ComparisonPlan, ...]:
    """Return the comparisons that are left; what followed one that is not begins a group."""
    left: list[ComparisonPlan] = []
    before: ComparisonPlan | None = None
    for comparison in found:
        if comparison is not None:
            follows = comparison.same_stacks and before is not None
            left.append(comparison.model_copy(update={"same_stacks": follows}))
        before = comparison
    return tuple(left)


def differences(comparisons: Sequence[ComparisonPlan]) -> Iterator[str]:
    """Yield a line for each comparison that cannot be on the stacks of the one before it."""
    for number, comparison in enumerate(comparisons):
        if not comparison.same_stacks:
            continue
        where = f"comparison.{number}.same_stacks"
        if number == 0:
            yield f"{where}: there is no comparison before it: leave it out"
            continue
        before = comparisons[number - 1]
        unlike = [name for name in ALIKE if getattr(comparison, name) != getattr(before, name)]
        if unlike:
            yield f"{where}: {unlike[0]} differs from the comparison before: make them the same"
        elif comparison.rate_per_s is None or before.rate_per_s is None or before.turns > 1:
            yield f"{where}: both comparisons need a rate_per_s, and have no turns"
