"""A profile: what a run compares, as written in TOML and as stored in `run.json`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from after202.kernel.model import DOCUMENTED, Value
from after202.kernel.overrides import Overrides
from after202.records.experiment import Arm, Arrivals, Condition, Layout, ServiceLevel
from after202.records.legacy import LONGEST_HORIZON_S


def _number(value: object) -> object:
    """Return the value; ValueError for true, false and texts, which pydantic takes for numbers."""
    if isinstance(value, bool | str):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _level(value: object) -> object:
    """Return a level of service; ValueError if it holds something that is not a number."""
    for one in value.values() if isinstance(value, dict) else ():
        _number(one)
    return value


def _nameable(name: str) -> str:
    """Return the name; ValueError if no file can have it."""
    if not name or not name.isprintable():
        raise ValueError("a name is printable text")
    if any(len(part.encode()) > LONGEST_NAME for part in name.split("/")):
        raise ValueError(f"no file's name is longer than {LONGEST_NAME} bytes")
    return name


LONGEST_NAME = 255
LOADS = ("rate_per_s", "share_of_capacity", "share_of_own_capacity")
Name = Annotated[str, Field(max_length=1000), AfterValidator(_nameable)]
Whole = Annotated[int, BeforeValidator(_number)]
Positive = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False), BeforeValidator(_number)]
Share = Annotated[Positive, Field(ge=0.001, lt=1)]
Processes = Annotated[Whole, Field(ge=1, le=64)]
Slots = Annotated[Whole, Field(ge=1, le=64)]
NotNegative = Annotated[
    float, Field(ge=0, le=100_000, allow_inf_nan=False), BeforeValidator(_number)
]


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


class Profile(Value):
    """What a run compares.

    `variant` has the settings that it overrides, by strategy and variant, and `fault` the
    parameters, by fault.
    """

    description: str
    baseline: Name = "background_tasks"
    strategies: tuple[Name, ...] = ()
    variants: Annotated[tuple[Name, ...], Field(min_length=1)] = (DOCUMENTED,)
    seed: Annotated[Whole, Field(ge=-(2**63), lt=2**63)] = 202
    slots: Slots = 4
    mail_delay_ms: NotNegative = 0.0
    repeats: Annotated[Whole, Field(ge=0, le=100)] = 2
    capacity: CapacitySearch | None = None
    comparison: tuple[ComparisonPlan, ...] = ()
    matrix: tuple[FaultMatrix, ...] = ()
    pressure: tuple[PressurePlan, ...] = ()
    side_by_side: Annotated[Whole, Field(ge=1, le=64)] = 1
    variant: dict[Name, dict[Name, Overrides]] = Field(default_factory=dict)
    fault: dict[Name, Overrides] = Field(default_factory=dict)

    def arm(self, strategy: str, variant: str, condition: Condition) -> Arm:
        """Return a strategy in a variant under a condition, with the settings that it overrides."""
        overrides = self.variant.get(strategy, {}).get(variant, {})
        return Arm(
            strategy=strategy,
            variant=variant,
            overrides=tuple(sorted(overrides.items())),
            **condition.model_dump(),
        )

    @property
    def level(self) -> ServiceLevel | None:
        """The level of service that the search for capacity keeps; None without a search."""
        return self.capacity.level if self.capacity else None

    @property
    def workloads(self) -> set[str]:
        """The workloads of comparisons, matrices and pressures."""
        compared = {workload for one in self.comparison for workload in one.workloads}
        ahead = {one.ahead for one in self.pressure if isinstance(one, BacklogPlan)}
        return compared | ahead | {one.workload for one in (*self.matrix, *self.pressure)}

    @model_validator(mode="after")
    def _has_something(self) -> "Profile":
        if not self.comparison and not self.matrix and not self.pressure:
            raise ValueError("a profile needs a [[comparison]], a [[matrix]] or a [[pressure]]")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "Profile":
        if self.strategies and self.baseline not in self.strategies and self._has_copies():
            raise ValueError(
                f"baseline {self.baseline!r} has copies but is not among the strategies"
            )
        return self

    @model_validator(mode="after")
    def _rates(self) -> "Profile":
        for comparison in self.comparison:
            loads = comparison.loads
            if len(loads) != 1:
                raise ValueError(
                    "a comparison needs either rate_per_s or share_of_capacity, or"
                    " share_of_own_capacity"
                )
            if loads != ["rate_per_s"] and self.capacity is None:
                raise ValueError(f"{loads[0]} needs a [capacity] to be a share of")
            if comparison.then and (loads != ["rate_per_s"] or comparison.turns > 1):
                raise ValueError("a comparison with then needs a rate_per_s, and has no turns")
            if len(set(comparison.workloads)) < len(comparison.workloads):
                raise ValueError("a comparison has each workload once: leave one out of then")
        return self

    @model_validator(mode="after")
    def _overloads(self) -> "Profile":
        known = {p.workload for p in self.pressure if isinstance(p, BurstPlan)}
        known |= {self.capacity.workload} if self.capacity else set()
        for overload in (p for p in self.pressure if isinstance(p, OverloadPlan)):
            if (overload.rate_per_s is None) == (overload.times_capacity is None):
                raise ValueError("an overload needs either rate_per_s or times_capacity")
            if overload.times_capacity is not None and overload.workload not in known:
                raise ValueError(
                    "times_capacity needs a burst or a [capacity] of the same workload, which shows"
                    " the capacity"
                )
        return self

    def _has_copies(self) -> bool:
        return any(comparison.baseline_copies > 1 for comparison in self.comparison)
