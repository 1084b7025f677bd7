"""A profile: what to compare, and what of it cannot be asked for together."""

from typing import Annotated

from pydantic import Field, model_validator

from after202.kernel.model import DOCUMENTED, Value
from after202.plan import catalogue as strategies
from after202.records.experiment import Arrivals, Persistence, ServiceLevel

Positive = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class Comparison(Value):
    """Every strategy on one workload at one rate, in interleaved blocks.

    In a block the strategies are measured one after the other, or are all up and take turns.
    """

    workload: str
    rate_per_s: Positive | None = None
    share_of_capacity: Annotated[float, Field(gt=0, lt=1)] | None = None
    blocks: Annotated[int, Field(ge=1, le=1000)]
    window_s: Positive
    warm_up_s: NotNegative = 1.0
    drain_s: Positive = 20.0
    bystander_per_s: NotNegative = 5.0
    rest_s: NotNegative = 0.0
    turns: Annotated[int, Field(ge=1, le=100)] = 1
    arrivals: Arrivals = Arrivals.POISSON
    baseline_copies: Annotated[int, Field(ge=1, le=20)] = 1


class Matrix(Value):
    """Every fault against every strategy that it can hit, in so many episodes each.

    A fault in the work itself asks for its own workload. The broker's persistence matters to
    strategies that have one.
    """

    faults: Annotated[tuple[str, ...], Field(min_length=1)]
    strategies: tuple[str, ...] = ()
    variants: Annotated[tuple[str, ...], Field(min_length=1)] = (DOCUMENTED,)
    brokers: Annotated[tuple[Persistence, ...], Field(min_length=1)] = (Persistence.SAVE_POINTS,)
    workload: str = "slow"
    rate_per_s: Positive
    episodes: Annotated[int, Field(ge=1, le=1000)]
    window_s: Positive
    fault_after_s: NotNegative = 1.0
    deadline_s: Positive = 15.0
    drain_s: Positive = 10.0
    horizon_s: Positive = 100.0
    arrivals: Arrivals = Arrivals.CONSTANT


class CapacitySearch(Value):
    """Which level of service to look for the capacity under, and with what load."""

    workload: str
    level: ServiceLevel
    start_per_s: Positive = 5.0
    confirmations: Annotated[int, Field(ge=1, le=10)] = 3
    warm_up_s: NotNegative = 1.0
    window_s: Positive = 6.0
    arrivals: Arrivals = Arrivals.POISSON


class Profile(Value):
    """What a run compares."""

    description: str
    baseline: str = "background_tasks"
    strategies: tuple[str, ...] = ()
    variants: Annotated[tuple[str, ...], Field(min_length=1)] = (DOCUMENTED,)
    seed: int = 202
    slots: Annotated[int, Field(ge=1, le=64)] = 4
    mail_delay_ms: NotNegative = 20.0
    repeats: Annotated[int, Field(ge=0, le=100)] = 2
    capacity: CapacitySearch | None = None
    comparison: tuple[Comparison, ...] = ()
    matrix: tuple[Matrix, ...] = ()
    side_by_side: Annotated[int, Field(ge=1, le=64)] = 1

    def sides(self, among: Comparison | Matrix | None = None) -> list[tuple[str, str]]:
        """Return what is compared: each strategy in each of the variants that it has.

        A matrix may name its own variants, and of the strategies only some.
        """
        variants = among.variants if isinstance(among, Matrix) else self.variants
        chosen = self.strategies or tuple(strategies.names())
        wanted = among.strategies if isinstance(among, Matrix) else ()
        return [
            (name, variant)
            for name in chosen
            if not wanted or name in wanted
            for variant in variants
            if variant in strategies.variants(name)
        ]

    @model_validator(mode="after")
    def _has_something(self) -> "Profile":
        if not self.comparison and not self.matrix:
            raise ValueError("a profile has a [[comparison]] or a [[matrix]]")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "Profile":
        if self.strategies and self.baseline not in self.strategies and self._has_copies():
            raise ValueError(
                f"baseline {self.baseline!r} is to run again but is not among the strategies"
            )
        return self

    @model_validator(mode="after")
    def _rates(self) -> "Profile":
        for comparison in self.comparison:
            if (comparison.rate_per_s is None) == (comparison.share_of_capacity is None):
                raise ValueError("a comparison has either rate_per_s or share_of_capacity")
            if comparison.share_of_capacity is not None and self.capacity is None:
                raise ValueError("share_of_capacity needs a [capacity] to be a share of")
        return self

    def _has_copies(self) -> bool:
        return any(comparison.baseline_copies > 1 for comparison in self.comparison)
