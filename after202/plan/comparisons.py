"""Plans a profile's comparisons: blocks of arms."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from after202.plan.arms import arms
from after202.plan.catalogue import Catalogue, file_name
from after202.plan.order import balanced
from after202.plan.same_stacks import grouped
from after202.records.experiment import Arm, Condition, Layout
from after202.records.parts import ComparisonPlan
from after202.records.planned import Stage
from after202.records.profile import Profile
from after202.records.trial import Comparison, Trial

CapacityOf = Callable[[Arm], float]
# An arm, and the legs of its load.
Load = tuple[Arm, tuple[Stage, ...]]


def comparisons(profile: Profile, catalogue: Catalogue) -> list[Comparison]:
    """Return a profile's comparisons: their blocks alternate, and the order of arms is balanced.

    A block has every arm once, under one schedule of arrivals, so its trials share a seed.
    Comparisons at a share of the capacity are left out, because it is not known yet.
    """
    fixed = [c for c in profile.comparison if c.rate_per_s is not None]
    return _expanded(profile, catalogue, fixed, 0)


def conditions(comparison: ComparisonPlan) -> list[Condition]:
    """Return every combination of what a comparison varies, each a condition of its own."""
    varied = product(
        comparison.layouts or (Layout.SHARED_CORE,),
        comparison.api_processes,
        comparison.slots or (None,),
    )
    return [
        Condition(
            workload=comparison.workload,
            rate_per_s=comparison.rate_per_s or 0.0,
            own_share=comparison.share_of_own_capacity,
            layout=layout,
            api_processes=api_processes,
            slots=slots,
        )
        for layout, api_processes, slots in varied
    ]


def shares(
    profile: Profile,
    catalogue: Catalogue,
    planned: Sequence[Trial],
    capacity_of: CapacityOf,
) -> list[Comparison]:
    """Return the comparisons at shares of capacities, once these are known; none if planned.

    `share_of_capacity` is of the slowest strategy that the comparison has.
    """
    wanted = [c for c in profile.comparison if c.rate_per_s is None]
    compared = [t for t in planned if isinstance(t, Comparison) and t.repeats is None]
    if not wanted or len(compared) > len(comparisons(profile, catalogue)):
        return []

    def at_rates(found: Sequence[Arm]) -> list[Arm]:
        return [arm.model_copy(update={"rate_per_s": _share(arm, capacity_of)}) for arm in found]

    known = [_at_share(profile, catalogue, comparison, capacity_of) for comparison in wanted]
    return _expanded(profile, catalogue, known, len(planned), at_rates)


def _share(arm: Arm, capacity_of: CapacityOf) -> float:
    """Return the rate of an arm: a share of its own capacity, or the one that all arms have."""
    return arm.rate_per_s if arm.own_share is None else _rounded(arm.own_share * capacity_of(arm))


def _at_share(
    profile: Profile, catalogue: Catalogue, comparison: ComparisonPlan, capacity_of: CapacityOf
) -> ComparisonPlan:
    """Return a comparison at the share of its slowest arm's capacity, if it is at such a share."""
    if comparison.share_of_capacity is None:
        return comparison
    condition = conditions(comparison)[0]
    sides = arms(profile, catalogue, condition, copies=1, comparison=comparison)
    slowest_per_s = min(map(capacity_of, sides))
    rate_per_s = _rounded(comparison.share_of_capacity * slowest_per_s)
    return comparison.model_copy(update={"rate_per_s": rate_per_s, "share_of_capacity": None})


def _rounded(rate_per_s: float) -> float:
    return float(f"{rate_per_s:.2g}")


def _expanded(
    profile: Profile,
    catalogue: Catalogue,
    wanted: Sequence[ComparisonPlan],
    before: int,
    at_rates: Callable[[Sequence[Arm]], list[Arm]] = list,
) -> list[Comparison]:
    random = Random(f"{profile.seed} {before}" if before else profile.seed)  # noqa: S311 - repeatable
    designs = [
        (together[0], _ordered(loads, together[0].blocks, random))
        for together in grouped(wanted)
        for loads in _loads(profile, catalogue, together, at_rates)
    ]
    planned: list[Comparison] = []
    for number in range(max((comparison.blocks for comparison in wanted), default=0)):
        for comparison, blocks in designs:
            if number < comparison.blocks:
                seed = random.randrange(2**32)
                block = Block(profile, comparison, number, seed)
                planned += block.trials(blocks[number], before + len(planned))
    return planned


def _loads(
    profile: Profile,
    catalogue: Catalogue,
    together: Sequence[ComparisonPlan],
    at_rates: Callable[[Sequence[Arm]], list[Arm]],
) -> Iterator[list[Load]]:
    """Yield, for each condition of comparisons on the same stacks, what is offered to each arm."""
    for varied in zip(*map(conditions, together), strict=True):
        loads: dict[str, Load] = {}
        for comparison, condition in zip(together, varied, strict=True):
            copies = comparison.baseline_copies
            for arm in at_rates(arms(profile, catalogue, condition, copies, comparison)):
                first, stages = loads.get(arm.name, (arm, ()))
                loads[arm.name] = (first, (*stages, *_stages(comparison, arm)))
        yield list(loads.values())


def _stages(comparison: ComparisonPlan, arm: Arm) -> Iterator[Stage]:
    """Yield a comparison's legs, with the rate of the arm in the first."""
    leg_s = comparison.warm_up_s + comparison.window_s
    yield Stage(workload=arm.workload, rate_per_s=arm.rate_per_s, for_s=leg_s)
    for leg in comparison.then:
        yield Stage(workload=leg.workload, rate_per_s=leg.rate_per_s, for_s=leg_s)


def _ordered(loads: Sequence[Load], blocks: int, random: Random) -> list[list[Load]]:
    """Return what is offered in each of a condition's blocks, in the order in which it is."""
    orders = balanced(len(loads), blocks, random)
    return [[loads[number] for number in order] for order in orders]


@dataclass(frozen=True)
class Block:
    """One block: every arm of a condition once, with one schedule of arrivals for each leg."""

    profile: Profile
    comparison: ComparisonPlan
    number: int
    seed: int

    def trials(self, loads: Sequence[Load], before: int) -> list[Comparison]:
        """Return the block's trials in the order of the loads; ids count on from `before`."""
        comparison = self.comparison
        return [
            Comparison(
                id=f"{before + position:03d}-{arm.workload}-{file_name(arm.name)}",
                block=self.number,
                arm=arm,
                seed=self.seed,
                arrivals=comparison.arrivals,
                warm_up_s=comparison.warm_up_s,
                window_s=first.for_s - comparison.warm_up_s,
                drain_s=comparison.drain_s,
                bystander_per_s=comparison.bystander_per_s,
                rest_s=comparison.rest_s,
                turns=comparison.turns,
                then=tuple(then),
                slots=arm.slots or self.profile.slots,
            )
            for position, (arm, (first, *then)) in enumerate(loads)
        ]
