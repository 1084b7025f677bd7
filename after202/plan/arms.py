"""What is compared: each strategy of the profile, in each requested variant that it has."""

from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm, Condition
from after202.records.parts import ComparisonPlan, FaultMatrix
from after202.records.profile import Profile

Side = tuple[str, str]


def sides(
    profile: Profile, catalogue: Catalogue, part: ComparisonPlan | FaultMatrix | None = None
) -> list[Side]:
    """Return (strategy, variant) for each requested variant that a strategy has.

    A part of the profile may name variants of its own, and a subset of the strategies. A
    comparison has the baseline even if it is not in that subset.
    """
    variants = (part.variants if part else ()) or profile.variants
    wanted = set(part.strategies if part else ())
    if wanted and isinstance(part, ComparisonPlan):
        wanted.add(profile.baseline)
    return [
        (name, variant)
        for name in profile.strategies or catalogue.names()
        if not wanted or name in wanted
        for variant in variants
        if variant in catalogue[name].variants
    ]


def arms(
    profile: Profile,
    catalogue: Catalogue,
    condition: Condition,
    copies: int,
    comparison: ComparisonPlan | None = None,
) -> list[Arm]:
    """Return one arm per side, and the baseline `copies` times for a live A/A test."""
    found = [
        profile.arm(name, variant, condition)
        for name, variant in sides(profile, catalogue, comparison)
    ]
    baseline = baseline_of(profile, condition)
    numbers = range(2, copies + 1)
    return [*found, *(baseline.model_copy(update={"copy_number": n}) for n in numbers)]


def baseline_of(profile: Profile, condition: Condition) -> Arm:
    """Return the arm that the others are compared with."""
    return profile.arm(profile.baseline, profile.variants[0], condition)
