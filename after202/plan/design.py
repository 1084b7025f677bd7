"""Sizes a profile's comparisons: enough blocks for verdicts, and what their windows support."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from after202.plan.arms import arms
from after202.plan.catalogue import Catalogue
from after202.plan.comparisons import conditions
from after202.plan.same_stacks import grouped
from after202.records.design import (
    LEAST_REQUESTS,
    MOST_FOR_A_LOOK,
    SPARE_BLOCKS,
    least_blocks,
)
from after202.records.experiment import Arrivals
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile

Say = Callable[[str], None]
# All but 2 % of Poisson windows hold at least the expected number less so many of its roots.
MARGIN = 2.0


def sized(profile: Profile, catalogue: Catalogue, say: Say) -> Profile:
    """Return the profile with enough blocks for verdicts in every comparison that is no look.

    Say which comparisons get more blocks than they ask for, and which give no verdicts.
    """
    enough = [_sized(profile, catalogue, comparison, say) for comparison in profile.comparison]
    alike = (_as_many_blocks(together) for together in grouped(enough))
    return profile.model_copy(update={"comparison": tuple(chain.from_iterable(alike))})


def _as_many_blocks(together: Sequence[ComparisonPlan]) -> Iterator[ComparisonPlan]:
    """Yield comparisons on the same stacks with the blocks of the one that needs most."""
    most = max(comparison.blocks for comparison in together)
    for comparison in together:
        yield comparison.model_copy(update={"blocks": most})


def _sized(
    profile: Profile, catalogue: Catalogue, comparison: ComparisonPlan, say: Say
) -> ComparisonPlan:
    asked = comparison.blocks
    if asked <= MOST_FOR_A_LOOK:
        blocks = "1 block is" if asked == 1 else f"{asked} blocks are"
        say(f"{labels(comparison)}: {blocks} a look, without verdicts")
        return comparison
    tests = family(profile, catalogue, comparison)
    spare = 0 if profile.repeats else SPARE_BLOCKS
    if not tests or asked >= (needed := least_blocks(tests) + spare):
        return comparison
    counted = "1 comparison needs" if tests == 1 else f"{tests} comparisons need"
    because = f"because {counted} {needed - spare} for verdicts"
    more = f", and {spare} is spare" if spare else ""
    say(f"{labels(comparison)}: {needed} blocks in place of {asked}, {because}{more}")
    return comparison.model_copy(update={"blocks": needed})


def family(profile: Profile, catalogue: Catalogue, comparison: ComparisonPlan) -> int:
    """Return how many differences Holm's correction covers: arms, or copies if those are more.

    Arms at shares of their own capacities are not compared.
    """
    if comparison.share_of_own_capacity is not None:
        return 0
    condition = conditions(comparison)[0]
    measured = arms(profile, catalogue, condition, copies=1, comparison=comparison)
    if (profile.baseline, profile.variants[0]) not in {(a.strategy, a.variant) for a in measured}:
        return 0
    return max(len(measured), comparison.baseline_copies) - 1


def windows(profile: Profile) -> Iterator[str]:
    """Yield, for each comparison, which quantiles the requests in its windows support.

    A share of the capacity is taken of the first rate of the search.
    """
    start_per_s = profile.capacity.start_per_s if profile.capacity else 0.0
    every = (c.of_leg(number) for c in profile.comparison for number in range(len(c.workloads)))
    for comparison in every:
        share = comparison.share_of_capacity or comparison.share_of_own_capacity or 0
        rate_per_s = comparison.rate_per_s or share * start_per_s
        expected = rate_per_s * comparison.window_s
        wanted = {q: _expected(comparison, least) for q, least in LEAST_REQUESTS.items()}
        supported = ["p50", *(f"p{100 * q:g}" for q, n in wanted.items() if expected >= n)]
        needs = (f"a p{100 * q:g} needs {n}" for q, n in wanted.items() if expected < n)
        text = f"windows of about {expected:.3g} requests support {' and '.join(supported)}"
        yield "; ".join([f"{label(comparison)}: {text}", *needs])


def _expected(comparison: ComparisonPlan, least: int) -> int:
    """Return how many requests to expect in a window so that practically all hold `least`."""
    if comparison.arrivals is Arrivals.CONSTANT:
        return least
    return math.ceil((MARGIN / 2 + math.sqrt(MARGIN**2 / 4 + least)) ** 2)


def labels(comparison: ComparisonPlan) -> str:
    """Return the names of a comparison's legs in a line."""
    return ", ".join(label(comparison.of_leg(n)) for n in range(len(comparison.workloads)))


def label(comparison: ComparisonPlan) -> str:
    """Return the name of a comparison with one leg in a line."""
    if comparison.share_of_own_capacity is not None:
        share = 100 * comparison.share_of_own_capacity
        return f"{comparison.workload} at {share:g} % of its own capacity"
    if comparison.share_of_capacity is not None:
        return f"{comparison.workload} at {100 * comparison.share_of_capacity:g} % of the capacity"
    return f"{comparison.workload} {comparison.rate_per_s:g}/s"
