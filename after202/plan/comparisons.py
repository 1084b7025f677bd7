"""From a profile to its trials, in the order in which they run, and how long they will take."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random

from after202.plan import catalogue as strategies
from after202.plan import episodes as matrix
from after202.records.experiment import Arm, Condition, Trial
from after202.records.profile import Comparison, Profile
from after202.records.trial import TrialRecord

# What a trial takes outside its load: starting, the drain, stopping. Medians of runs on two
# cores; they serve the estimate alone.
IN_PROCESS_S, QUEUE_S = 2.5, 4.0
RUN_S = 6.0
# What passes between two turns.
TURN_S = 0.2
# What an episode takes besides: its drain, for which the median stands.
EPISODE_S = 8.0


def trials(profile: Profile) -> list[Trial]:
    """Expand a profile: blocks of different comparisons take turns, arms are shuffled in each.

    A block is every arm once with one schedule of arrivals, so its trials share a seed.
    Comparisons at a share of the capacity are left out: it is not known yet. Episodes come last.
    """
    fixed = [c for c in profile.comparison if c.rate_per_s is not None]
    compared = _expanded(profile, fixed, 0)
    return [*compared, *matrix.episodes(profile, len(compared))]


def shares(
    profile: Profile, planned: Sequence[Trial], capacity_per_s: Callable[[], float]
) -> list[Trial]:
    """Plan the comparisons at a share of the capacity, once it is known; nothing if they are."""
    wanted = [c for c in profile.comparison if c.share_of_capacity is not None]
    compared = [t for t in planned if not t.is_probe and t.repeats is None]
    if not wanted or len(compared) > len(trials(profile)):
        return []
    known = [_at_share(comparison, capacity_per_s()) for comparison in wanted]
    return _expanded(profile, known, len(planned))


def _at_share(comparison: Comparison, capacity_per_s: float) -> Comparison:
    rate_per_s = float(f"{(comparison.share_of_capacity or 1) * capacity_per_s:.2g}")
    return comparison.model_copy(update={"rate_per_s": rate_per_s, "share_of_capacity": None})


def _expanded(profile: Profile, comparisons: Sequence[Comparison], before: int) -> list[Trial]:
    random = Random(f"{profile.seed} {before}" if before else profile.seed)  # noqa: S311 - repeatable
    planned: list[Trial] = []
    for turn in range(max((comparison.blocks for comparison in comparisons), default=0)):
        for comparison in comparisons:
            if turn < comparison.blocks:
                planned += _block(profile, comparison, turn, random, before + len(planned))
    return planned


def _block(
    profile: Profile, comparison: Comparison, block: int, random: Random, done: int
) -> list[Trial]:
    arms = _arms(profile, comparison)
    random.shuffle(arms)
    seed = random.randrange(2**32)
    return [
        Trial(
            id=f"{done + position:03d}-{arm.workload}-{strategies.file_name(arm.label)}",
            block=block,
            arm=arm,
            seed=seed,
            arrivals=comparison.arrivals,
            warm_up_s=comparison.warm_up_s,
            window_s=comparison.window_s,
            drain_s=comparison.drain_s,
            bystander_per_s=comparison.bystander_per_s,
            rest_s=comparison.rest_s,
            turns=comparison.turns,
            slots=profile.slots,
        )
        for position, arm in enumerate(arms)
    ]


def _arms(profile: Profile, comparison: Comparison) -> list[Arm]:
    rate_per_s = comparison.rate_per_s or 0.0
    condition = Condition(workload=comparison.workload, rate_per_s=rate_per_s)
    arms = [
        Arm(strategy=name, variant=variant, **condition.model_dump())
        for name, variant in profile.sides()
    ]
    baseline = Arm(strategy=profile.baseline, variant=profile.variants[0], **condition.model_dump())
    copies = range(2, comparison.baseline_copies + 1)
    return [*arms, *(baseline.model_copy(update={"copy_number": number}) for number in copies)]


def repeats(
    planned: Sequence[Trial], records: Mapping[str, TrialRecord], limit: int
) -> list[Trial]:
    """Plan the next block that is to run again as a whole, for a trial of it was not valid.

    Conditions with the fewest good blocks come first. Nothing is planned once `limit` blocks
    were repeated, or if there is no such block. A repetition is not repeated.
    """
    blocks: dict[tuple[Condition, int], list[Trial]] = {}
    for trial in planned:
        if trial.is_comparison:
            blocks.setdefault((trial.arm.condition, trial.block), []).append(trial)
    repeated = {(c, trials[0].repeats) for (c, _), trials in blocks.items()}
    if sum(number is not None for _, number in repeated) >= limit:
        return []
    bad = {key for key, trials in blocks.items() if not _all_valid(trials, records)}
    good = Counter(condition for condition, _ in blocks.keys() - bad)
    again = [k for k in blocks if k in bad and k not in repeated and blocks[k][0].repeats is None]
    if not again:
        return []
    return _again(blocks[min(again, key=lambda key: good[key[0]])], planned)


def _all_valid(trials: Sequence[Trial], records: Mapping[str, TrialRecord]) -> bool:
    return all(records[trial.id].valid for trial in trials if trial.id in records)


def _again(block: Sequence[Trial], planned: Sequence[Trial]) -> list[Trial]:
    """Return the block's trials as a new block, in the same order with the same schedule."""
    number = 1 + max(trial.block for trial in planned)
    return [
        trial.model_copy(
            update={
                "id": f"{len(planned) + position:03d}{trial.id[3:]}-again",
                "block": number,
                "repeats": trial.block,
            }
        )
        for position, trial in enumerate(block)
    ]


def foreseen(profile: Profile) -> list[Trial]:
    """Return a profile's trials; those at a share of a capacity at what its search begins with."""
    planned = trials(profile)
    if profile.capacity is None:
        return planned
    guess_per_s = profile.capacity.start_per_s
    return [*planned, *shares(profile, planned, lambda: guess_per_s)]


def trial_s(trial: Trial) -> float:
    """Return how many seconds a trial is expected to take."""
    outside_s = QUEUE_S if strategies.has_worker(trial.arm.strategy) else IN_PROCESS_S
    more_s = 0.0 if trial.episode is None else EPISODE_S
    return trial.rest_s + trial.load_s + outside_s + more_s + (trial.turns - 1) * TURN_S


def expected_s(planned: Sequence[Trial], side_by_side: int = 1) -> float:
    """Return how many seconds the trials are expected to take, so many episodes at once."""
    alone_s = sum(trial_s(trial) for trial in planned if trial.episode is None)
    at_once_s = sum(trial_s(trial) for trial in planned if trial.episode is not None)
    return RUN_S + alone_s + at_once_s / side_by_side
