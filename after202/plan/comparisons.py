"""Plans a profile's comparisons: blocks of arms, and blocks to run again."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from after202.plan.arms import arms
from after202.plan.catalogue import Catalogue, file_name
from after202.plan.order import balanced
from after202.records.experiment import Arm, Condition
from after202.records.profile import ComparisonPlan, Profile
from after202.records.trial import Comparison, Trial, TrialRecord


def comparisons(profile: Profile, catalogue: Catalogue) -> list[Comparison]:
    """Return a profile's comparisons: their blocks alternate, and the order of arms is balanced.

    A block has every arm once, under one schedule of arrivals, so its trials share a seed.
    Comparisons at a share of the capacity are left out, because it is not known yet.
    """
    fixed = [c for c in profile.comparison if c.rate_per_s is not None]
    return _expanded(profile, catalogue, fixed, 0)


def shares(
    profile: Profile,
    catalogue: Catalogue,
    planned: Sequence[Trial],
    capacity_per_s: Callable[[], float],
) -> list[Comparison]:
    """Return the comparisons at a share of the capacity, once it is known; none if planned."""
    wanted = [c for c in profile.comparison if c.share_of_capacity is not None]
    compared = [t for t in planned if isinstance(t, Comparison) and t.repeats is None]
    if not wanted or len(compared) > len(comparisons(profile, catalogue)):
        return []
    known = [_at_share(comparison, capacity_per_s()) for comparison in wanted]
    return _expanded(profile, catalogue, known, len(planned))


def _at_share(comparison: ComparisonPlan, capacity_per_s: float) -> ComparisonPlan:
    rate_per_s = float(f"{(comparison.share_of_capacity or 1) * capacity_per_s:.2g}")
    return comparison.model_copy(update={"rate_per_s": rate_per_s, "share_of_capacity": None})


def _expanded(
    profile: Profile, catalogue: Catalogue, wanted: Sequence[ComparisonPlan], before: int
) -> list[Comparison]:
    random = Random(f"{profile.seed} {before}" if before else profile.seed)  # noqa: S311 - repeatable
    ordered = [_ordered(profile, catalogue, comparison, random) for comparison in wanted]
    planned: list[Comparison] = []
    for number in range(max((comparison.blocks for comparison in wanted), default=0)):
        for comparison, blocks in zip(wanted, ordered, strict=True):
            if number < comparison.blocks:
                seed = random.randrange(2**32)
                block = Block(profile, comparison, number, seed)
                planned += block.trials(blocks[number], before + len(planned))
    return planned


def _ordered(
    profile: Profile, catalogue: Catalogue, comparison: ComparisonPlan, random: Random
) -> list[list[Arm]]:
    """Return the arms of each of a comparison's blocks, in the order in which they run."""
    condition = Condition(workload=comparison.workload, rate_per_s=comparison.rate_per_s or 0.0)
    sides = arms(profile, catalogue, condition, comparison.baseline_copies)
    orders = balanced(len(sides), comparison.blocks, random)
    return [[sides[number] for number in order] for order in orders]


@dataclass(frozen=True)
class Block:
    """One block: every arm of a comparison once, with one schedule of arrivals."""

    profile: Profile
    comparison: ComparisonPlan
    number: int
    seed: int

    def trials(self, sides: Sequence[Arm], before: int) -> list[Comparison]:
        """Return the block's trials in the order of the arms; ids count on from `before`."""
        comparison = self.comparison
        return [
            Comparison(
                id=f"{before + position:03d}-{arm.workload}-{file_name(arm.label)}",
                block=self.number,
                arm=arm,
                seed=self.seed,
                arrivals=comparison.arrivals,
                warm_up_s=comparison.warm_up_s,
                window_s=comparison.window_s,
                drain_s=comparison.drain_s,
                bystander_per_s=comparison.bystander_per_s,
                rest_s=comparison.rest_s,
                turns=comparison.turns,
                slots=self.profile.slots,
            )
            for position, arm in enumerate(sides)
        ]


def repeats(
    planned: Sequence[Trial], records: Mapping[str, TrialRecord], limit: int
) -> list[Comparison]:
    """Return the trials of the next block to run again, because one of its trials was not valid.

    The whole block is repeated. Conditions with the fewest valid blocks come first. Return nothing
    once `limit` blocks were repeated, or if no block needs it. A repeat is never repeated.
    """
    blocks: dict[tuple[Condition, int], list[Comparison]] = {}
    for trial in planned:
        if isinstance(trial, Comparison):
            blocks.setdefault((trial.arm.condition, trial.block), []).append(trial)
    repeated = {(condition, block[0].repeats) for (condition, _), block in blocks.items()}
    if sum(number is not None for _, number in repeated) >= limit:
        return []
    bad = {key for key, block in blocks.items() if not _all_valid(block, records)}
    good = Counter(condition for condition, _ in blocks.keys() - bad)
    again = [k for k in blocks if k in bad and k not in repeated and blocks[k][0].repeats is None]
    if not again:
        return []
    return _again(blocks[min(again, key=lambda key: good[key[0]])], planned)


def _all_valid(trials: Sequence[Comparison], records: Mapping[str, TrialRecord]) -> bool:
    return all(records[trial.id].valid for trial in trials if trial.id in records)


def _again(block: Sequence[Comparison], planned: Sequence[Trial]) -> list[Comparison]:
    """Return the block's trials as a new block, with the same order and the same schedule."""
    number = 1 + max(trial.block for trial in planned)
    return [
        trial.model_copy(
            update={
                "id": f"{len(planned) + position:03d}-{trial.id.split('-', 1)[1]}-again",
                "block": number,
                "repeats": trial.block,
            }
        )
        for position, trial in enumerate(block)
    ]
