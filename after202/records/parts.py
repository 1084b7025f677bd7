"""What a profile asks for: comparisons, fault matrices, pressures, and a search for capacity."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from after202.kernel.model import DOCUMENTED, Value
from after202.records.experiment import Arrivals, Layout, ServiceLevel
from after202.records.fields import (
    Name,
    NotNegative,
    Positive,
    Processes,
    Share,
    Slots,
    Whole,
    number,
)
from after202.records.legacy import LONGEST_HORIZON_S

LOADS = ("rate_per_s", "share_of_capacity", "share_of_own_capacity")


class Leg(Value):
    """`then = [{ workload = "...", rate_per_s = ... }]`: more of a comparison's load."""

    workload: Name
    rate_per_s: Positive


class ComparisonPlan(Value):
    """`[[comparison]]`: strategies on one workload at one rate, in interleaved blocks.

    Within a block the strategies are measured one after the other, or are all up and take turns.
    With a bystander, CPU time is charged to nobody, because its requests take some too.
    Each combination of a layout, a number of API processes and a number of slots is a condition of
    its own, with blocks of its own. `layouts` None stands for the layout that is usual on the
    machine, which is filled in when a run begins; in a run that was stored without, it was the
    shared core. The baseline is always among the `strategies`, if these are named. `variants`
    stand in place of the profile's, the first of which is the baseline's.

    With `then`, a trial has a leg for each of these workloads too, on the same stack and one after
    the other. Each leg has its warm-up and its window, begins once the work of the one before is
    done, and is compared with the same leg of the other arms.

    With `same_stacks`, a comparison's legs follow those of the comparison before it, on the stacks
    of the arms that both have; what only one of the two has is measured on a stack of its own.
    """

    workload: Name
    rate_per_s: Positive | None = None
    share_of_capacity: Share | None = None
    share_of_own_capacity: Share | None = None
    then: Annotated[tuple[Leg, ...], Field(max_length=20)] = ()
    strategies: tuple[Name, ...] = ()
    variants: tuple[Name, ...] = ()
    layouts: Annotated[tuple[Layout, ...], Field(min_length=1)] | None = None
    api_processes: Annotated[tuple[Processes, ...], Field(min_length=1)] = (1,)
    slots: Annotated[tuple[Slots, ...], Field(min_length=1)] | None = None
    blocks: Annotated[Whole, Field(ge=1, le=1000)]
    window_s: Positive
    warm_up_s: NotNegative = 1.0
    drain_s: Positive = 20.0
    bystander_per_s: NotNegative = 0.0
    rest_s: NotNegative = 0.0
    turns: Annotated[Whole, Field(ge=1, le=100)] = 1
    arrivals: Arrivals = Arrivals.POISSON
    baseline_copies: Annotated[Whole, Field(ge=1, le=20)] = 1
    same_stacks: bool = False

    @property
    def loads(self) -> list[str]:
        """The settings that say how much is offered; a valid comparison has one."""
        return [name for name in LOADS if getattr(self, name) is not None]

    @property
    def workloads(self) -> tuple[str, ...]:
        """The workload of each leg."""
        return (self.workload, *(leg.workload for leg in self.then))

    def of_leg(self, number: int) -> "ComparisonPlan":
        """Return a leg as a comparison of its own."""
        alone: dict[str, Any] = {"then": ()}
        if number:
            leg = self.then[number - 1]
            alone |= {"workload": leg.workload, "rate_per_s": leg.rate_per_s}
        return self.model_copy(update=alone)


class FaultMatrix(Value):
    """`[[matrix]]`: every fault against every strategy that it can hit, `episodes` times each.

    A fault in the work itself brings its own workload. `durabilities` are what the broker writes
    to disk; they apply to strategies that have a broker.
    """

    faults: Annotated[tuple[Name, ...], Field(min_length=1)]
    strategies: tuple[Name, ...] = ()
    variants: Annotated[tuple[Name, ...], Field(min_length=1)] = (DOCUMENTED,)
    durabilities: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    workload: Name = "slow"
    rate_per_s: Positive
    episodes: Annotated[Whole, Field(ge=1, le=1000)]
    window_s: Positive
    fault_after_s: NotNegative = 1.0
    deadline_s: Positive = 15.0
    drain_s: Positive = 10.0
    horizon_s: Annotated[Positive, Field(le=LONGEST_HORIZON_S)] = 100.0
    arrivals: Arrivals = Arrivals.CONSTANT


class _PressurePlan(Value):
    """What every `[[pressure]]` has: `trials` of each arm, whose work has `limit_s` to end."""

    workload: Name
    trials: Annotated[Whole, Field(ge=1, le=100)] = 3
    limit_s: Annotated[Positive, Field(le=LONGEST_HORIZON_S)] = 60.0
    bystander_per_s: NotNegative = 10.0
    arrivals: Arrivals = Arrivals.CONSTANT


class OverloadPlan(_PressurePlan):
    """An overload: for a while more than an arm can do, between calm stages at `rest_share` of it.

    It is `times_capacity` of each arm's own capacity, or the same `rate_per_s` for all.
    """

    shape: Literal["overload"]
    rate_per_s: Positive | None = None
    times_capacity: Positive | None = None
    for_s: Positive = 20.0
    before_s: Positive = 1.0
    rest_s: Positive = 10.0
    rest_share: Annotated[Positive, Field(lt=1)] = 0.1


class BurstPlan(_PressurePlan):
    """A burst: `jobs` requests within `within_s`, and then none."""

    shape: Literal["burst"]
    jobs: Annotated[Whole, Field(ge=2, le=100_000)] = 1000
    within_s: Positive = 1.0


class BacklogPlan(_PressurePlan):
    """A backlog: `jobs` of the workload `ahead` within `within_s`, then others at a low rate."""

    shape: Literal["backlog"]
    ahead: Name
    jobs: Annotated[Whole, Field(ge=1, le=100_000)] = 200
    within_s: Positive = 1.0
    rate_per_s: Positive = 5.0
    for_s: Positive = 5.0


class PrefillPlan(_PressurePlan):
    """A prefill: `jobs` are enqueued while no worker runs, which then starts and has `limit_s`.

    Strategies without a worker have none.
    """

    shape: Literal["prefill"]
    jobs: Annotated[Whole, Field(ge=2, le=100_000)] = 1000
    rate_per_s: Positive = 100.0


PressurePlan = Annotated[
    OverloadPlan | BurstPlan | BacklogPlan | PrefillPlan, Field(discriminator="shape")
]


def _level(value: object) -> object:
    """Return a level of service; ValueError if it holds something that is not a number."""
    for one in value.values() if isinstance(value, dict) else ():
        number(one)
    return value


class CapacitySearch(Value):
    """`[capacity]`: the level of service that defines capacity, and the load of each probe.

    `layout` None stands for the same as in a comparison.
    """

    workload: Name
    layout: Layout | None = None
    level: Annotated[ServiceLevel, BeforeValidator(_level)]
    start_per_s: Positive = 5.0
    confirmations: Annotated[Whole, Field(ge=1, le=10)] = 3
    warm_up_s: NotNegative = 1.0
    window_s: Positive = 6.0
    arrivals: Arrivals = Arrivals.POISSON
