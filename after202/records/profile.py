"""A profile: what a run compares, as written in TOML and as stored in `run.json`."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from after202.kernel.model import DOCUMENTED, Value
from after202.records.experiment import Arrivals, ServiceLevel
from after202.records.legacy import LONGEST_HORIZON_S


def _no_truth_value(value: object) -> object:
    """Return the value; ValueError for true and false, which Python takes for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


Whole = Annotated[int, BeforeValidator(_no_truth_value)]
Positive = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class ComparisonPlan(Value):
    """`[[comparison]]`: every strategy on one workload at one rate, in interleaved blocks.

    Within a block the strategies are measured one after the other, or are all up and take turns.
    """

    workload: str
    rate_per_s: Positive | None = None
    share_of_capacity: Annotated[float, Field(gt=0, lt=1)] | None = None
    blocks: Annotated[Whole, Field(ge=1, le=1000)]
    window_s: Positive
    warm_up_s: NotNegative = 1.0
    drain_s: Positive = 20.0
    bystander_per_s: NotNegative = 5.0
    rest_s: NotNegative = 0.0
    turns: Annotated[Whole, Field(ge=1, le=100)] = 1
    arrivals: Arrivals = Arrivals.POISSON
    baseline_copies: Annotated[Whole, Field(ge=1, le=20)] = 1


class FaultMatrix(Value):
    """`[[matrix]]`: every fault against every strategy that it can hit, `episodes` times each.

    A fault in the work itself brings its own workload. `durabilities` are what the broker writes
    to disk; they apply to strategies that have a broker.
    """

    faults: Annotated[tuple[str, ...], Field(min_length=1)]
    strategies: tuple[str, ...] = ()
    variants: Annotated[tuple[str, ...], Field(min_length=1)] = (DOCUMENTED,)
    durabilities: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    workload: str = "slow"
    rate_per_s: Positive
    episodes: Annotated[Whole, Field(ge=1, le=1000)]
    window_s: Positive
    fault_after_s: NotNegative = 1.0
    deadline_s: Positive = 15.0
    drain_s: Positive = 10.0
    horizon_s: Annotated[float, Field(gt=0, le=LONGEST_HORIZON_S)] = 100.0
    arrivals: Arrivals = Arrivals.CONSTANT


class CapacitySearch(Value):
    """`[capacity]`: the level of service that defines capacity, and the load of each probe."""

    workload: str
    level: ServiceLevel
    start_per_s: Positive = 5.0
    confirmations: Annotated[Whole, Field(ge=1, le=10)] = 3
    warm_up_s: NotNegative = 1.0
    window_s: Positive = 6.0
    arrivals: Arrivals = Arrivals.POISSON


class Profile(Value):
    """What a run compares."""

    description: str
    baseline: str = "background_tasks"
    strategies: tuple[str, ...] = ()
    variants: Annotated[tuple[str, ...], Field(min_length=1)] = (DOCUMENTED,)
    seed: Whole = 202
    slots: Annotated[Whole, Field(ge=1, le=64)] = 4
    mail_delay_ms: NotNegative = 20.0
    repeats: Annotated[Whole, Field(ge=0, le=100)] = 2
    capacity: CapacitySearch | None = None
    comparison: tuple[ComparisonPlan, ...] = ()
    matrix: tuple[FaultMatrix, ...] = ()
    side_by_side: Annotated[Whole, Field(ge=1, le=64)] = 1

    @property
    def level(self) -> ServiceLevel | None:
        """The level of service that the search for capacity keeps; None without a search."""
        return self.capacity.level if self.capacity else None

    @property
    def workloads(self) -> set[str]:
        """The workloads of comparisons and matrices."""
        return {c.workload for c in self.comparison} | {m.workload for m in self.matrix}

    @model_validator(mode="after")
    def _has_something(self) -> "Profile":
        if not self.comparison and not self.matrix:
            raise ValueError("a profile needs a [[comparison]] or a [[matrix]]")
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
            if (comparison.rate_per_s is None) == (comparison.share_of_capacity is None):
                raise ValueError("a comparison needs either rate_per_s or share_of_capacity")
            if comparison.share_of_capacity is not None and self.capacity is None:
                raise ValueError("share_of_capacity needs a [capacity] to be a share of")
        return self

    def _has_copies(self) -> bool:
        return any(comparison.baseline_copies > 1 for comparison in self.comparison)
