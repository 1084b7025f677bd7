"""Plans pressure trials: overloads, bursts, backlogs and prefills, each in rounds of all arms."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from after202.kernel.errors import UsageError
from after202.plan.arms import arms, sides
from after202.plan.catalogue import Catalogue, file_name
from after202.records.experiment import Arm, Condition, Role
from after202.records.parts import BacklogPlan, BurstPlan, OverloadPlan, PrefillPlan, PressurePlan
from after202.records.planned import Stage
from after202.records.profile import Profile
from after202.records.trial import Pressure, Trial

# An arm's capacity for a workload, in jobs per second; None if it is not known.
Capacity = Callable[[Arm], float | None]


def pressures(profile: Profile, catalogue: Catalogue, before: int) -> list[Pressure]:
    """Return the pressure trials that need no capacity; ids count on from `before`."""
    fixed = [one for one in profile.pressure if not _needs_capacity(one)]
    return list(_expanded(profile, catalogue, fixed, before))


def overloads(
    profile: Profile, catalogue: Catalogue, planned: Sequence[Trial], capacity_per_s: Capacity
) -> list[Pressure]:
    """Return the overloads at a multiple of each arm's capacity; none if they are planned.

    An arm whose capacity is not known has none.
    """
    wanted = [one for one in profile.pressure if _needs_capacity(one)]
    known = (one.capacity_per_s is not None for one in planned if isinstance(one, Pressure))
    if not wanted or any(known):
        return []
    return list(_expanded(profile, catalogue, wanted, len(planned), capacity_per_s))


def bursts(planned: Sequence[Trial], arm: Arm) -> list[Pressure]:
    """Return an arm's bursts of its workload."""
    side = (arm.strategy, arm.variant, arm.workload)
    return [
        one
        for one in planned
        if isinstance(one, Pressure)
        and one.shape == "burst"
        and (one.arm.strategy, one.arm.variant, one.arm.workload) == side
    ]


def without_worker(profile: Profile, catalogue: Catalogue) -> Iterator[str]:
    """Yield a line for each prefill that leaves strategies out, because they have no worker.

    UsageError if it leaves out all of them.
    """
    names = dict.fromkeys(name for name, _ in sides(profile, catalogue))
    for number, plan in enumerate(profile.pressure):
        left = [name for name in names if not _can(plan, catalogue, name)]
        if left == list(names):
            raise UsageError(
                f"pressure.{number}: a prefill needs a strategy with a worker, to start it once the"
                f" jobs are enqueued; there is none among {', '.join(left)}"
            )
        if left:
            yield f"pressure.{number}: no worker to start later, so left out: {', '.join(left)}"


def _can(plan: PressurePlan, catalogue: Catalogue, strategy: str) -> bool:
    return not isinstance(plan, PrefillPlan) or Role.WORKER in catalogue.roles(strategy)


def _needs_capacity(plan: PressurePlan) -> bool:
    return isinstance(plan, OverloadPlan) and plan.times_capacity is not None


def _expanded(
    profile: Profile,
    catalogue: Catalogue,
    wanted: Sequence[PressurePlan],
    before: int,
    capacity_per_s: Capacity | None = None,
) -> Iterator[Pressure]:
    """Yield every arm of every plan once, in random order, and then again for the next trial."""
    random = Random(f"{profile.seed} pressure {before}")  # noqa: S311 - repeatable
    position = before
    for number in range(max((plan.trials for plan in wanted), default=0)):
        for plan in wanted:
            if number >= plan.trials:
                continue
            condition = Condition(workload=plan.workload, rate_per_s=0)
            able = arms(profile, catalogue, condition, copies=1)
            round_ = [arm for arm in able if _can(plan, catalogue, arm.strategy)]
            random.shuffle(round_)
            seed = random.randrange(2**32)
            for arm in round_:
                capacity = capacity_per_s(arm) if capacity_per_s else None
                if capacity is None and _needs_capacity(plan):
                    continue
                yield _pressure(profile, plan, arm, capacity, (position, number, seed))
                position += 1


def _pressure(
    profile: Profile,
    plan: PressurePlan,
    arm: Arm,
    capacity_per_s: float | None,
    place: tuple[int, int, int],
) -> Pressure:
    position, number, seed = place
    before, pressed, after = _stages(plan, capacity_per_s)
    rate_per_s = after.rate_per_s if isinstance(plan, BacklogPlan) and after else pressed.rate_per_s
    return Pressure(
        id=f"{position:03d}-{plan.shape}-{plan.workload}-{file_name(arm.name)}",
        block=number,
        arm=arm.model_copy(update={"rate_per_s": rate_per_s}),
        seed=seed,
        arrivals=plan.arrivals,
        warm_up_s=0,
        window_s=sum(stage.for_s for stage in (before, pressed, after) if stage),
        drain_s=plan.limit_s,
        bystander_per_s=plan.bystander_per_s,
        slots=profile.slots,
        shape=plan.shape,
        number=number + 1,
        before=before,
        pressed=pressed,
        after=after,
        capacity_per_s=capacity_per_s,
    )


def _stages(
    plan: PressurePlan, capacity_per_s: float | None
) -> tuple[Stage | None, Stage, Stage | None]:
    """Return what comes before the pressure, the pressure, and what comes after it."""
    match plan:
        case OverloadPlan():
            multiple_per_s = (plan.times_capacity or 0) * (capacity_per_s or 0)
            rate_per_s = plan.rate_per_s or float(f"{multiple_per_s:.3g}")
            calm_per_s = plan.rest_share * (capacity_per_s or rate_per_s)
            return (
                Stage(workload=plan.workload, rate_per_s=calm_per_s, for_s=plan.before_s),
                Stage(workload=plan.workload, rate_per_s=rate_per_s, for_s=plan.for_s),
                Stage(workload=plan.workload, rate_per_s=calm_per_s, for_s=plan.rest_s),
            )
        case BurstPlan():
            return None, _many(plan.workload, plan.jobs, plan.within_s), None
        case BacklogPlan():
            quick = Stage(workload=plan.workload, rate_per_s=plan.rate_per_s, for_s=plan.for_s)
            return None, _many(plan.ahead, plan.jobs, plan.within_s), quick
        case PrefillPlan():
            return None, _many(plan.workload, plan.jobs, plan.jobs / plan.rate_per_s), None


def _many(workload: str, jobs: int, within_s: float) -> Stage:
    return Stage(workload=workload, rate_per_s=jobs / within_s, for_s=within_s)
