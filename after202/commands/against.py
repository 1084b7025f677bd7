"""`--against`: one strategy of a profile, and beside it the same from elsewhere."""

from typing import TypeVar

from after202.hosts import against as elsewhere
from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from after202.kernel.overrides import Overrides
from after202.plan.catalogue import Catalogue
from after202.plan.same_stacks import kept
from after202.records.parts import ComparisonPlan, FaultMatrix
from after202.records.profile import Profile

Part = TypeVar("Part", ComparisonPlan, FaultMatrix)


def beside(profile: Profile, known: Catalogue, against: str) -> tuple[Profile, Catalogue]:
    """Return the profile for two arms: a strategy, which is the baseline, and its like from there.

    The strategy is the one of the profile's that loads the library. UsageError if none or several
    do, or if it cannot be loaded there.
    """
    against = elsewhere.given(against)
    here = _only(profile, known, against)
    there = elsewhere.other(here, against)
    both = (here.name, there.name)
    update = {
        "baseline": here.name,
        "strategies": both,
        "comparison": kept(_of(c, both) if _has(c, here) else None for c in profile.comparison),
        "matrix": tuple(_of(m, both) for m in profile.matrix if _has(m, here)),
        "variant": {**profile.variant, **_overridden(profile, here, there)},
    }
    strategies = {**known.strategies, there.name: there}
    return profile.model_copy(update=update), Catalogue(
        strategies, known.brokers, known.unavailable
    )


def _only(profile: Profile, known: Catalogue, against: str) -> StrategyFacts:
    chosen = [known[name] for name in profile.strategies or known.names()]
    users = elsewhere.users(chosen, against)
    if len(users) == 1:
        return users[0]
    listed = ", ".join(facts.name for facts in users or chosen)
    if users:
        raise UsageError(f"--against {against}: choose one of {listed} with --strategy")
    raise UsageError(f"--against {against}: the library is used by none of {listed}")


def _overridden(
    profile: Profile, here: StrategyFacts, there: StrategyFacts
) -> dict[str, dict[str, Overrides]]:
    """Return what the profile overrides of the strategy, for its other arm."""
    given = profile.variant.get(here.name)
    return {there.name: given} if given else {}


def _has(part: Part, facts: StrategyFacts) -> bool:
    return not part.strategies or facts.name in part.strategies


def _of(part: Part, both: tuple[str, str]) -> Part:
    return part.model_copy(update={"strategies": both if part.strategies else ()})
