"""A profile: what a run compares, as written in TOML and as stored in `run.json`."""

from typing import Annotated

from pydantic import Field, model_validator

from after202.kernel.model import DOCUMENTED, Value
from after202.kernel.overrides import Overrides
from after202.records.experiment import Arm, Condition, ServiceLevel
from after202.records.fields import Name, NotNegative, Slots, Whole
from after202.records.parts import (
    BacklogPlan,
    BurstPlan,
    CapacitySearch,
    ComparisonPlan,
    FaultMatrix,
    OverloadPlan,
    PressurePlan,
)


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
