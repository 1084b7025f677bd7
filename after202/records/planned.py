"""What every kind of planned trial has, and the stages of its load."""

from typing import Annotated

from pydantic import Field

from after202.kernel.model import Value
from after202.records.experiment import Arm, Arrivals

# It is the name of a folder: no separator, and never the folder above.
TrialId = Annotated[str, Field(pattern=r"^\w[\w.+-]*$", max_length=200)]


class Stage(Value):
    """A stretch of a load: for some time, requests for one workload fall due at one rate."""

    workload: str
    rate_per_s: float
    for_s: float


class Planned(Value):
    """What every trial has: fresh processes, one arm, one schedule of arrivals.

    Times are in seconds. With more than one of `turns`, the trials of a block are up together and
    take turns.
    """

    id: TrialId
    block: int
    arm: Arm
    seed: int
    arrivals: Arrivals
    warm_up_s: float
    window_s: float
    drain_s: float
    bystander_per_s: float = 0.0
    rest_s: float = 0.0
    turns: int = 1
    slots: int

    @property
    def name(self) -> str:
        """Its name for people: the id, unless that names too little."""
        return self.id

    @property
    def load_s(self) -> float:
        """How long requests for jobs fall due."""
        return self.warm_up_s + self.window_s

    @property
    def goes_s(self) -> tuple[float, ...]:
        """How long each stretch of the load is that begins once the work so far is done: turns."""
        return (self.load_s / self.turns,) * self.turns

    @property
    def goes(self) -> int:
        """How often the load begins anew."""
        return len(self.goes_s)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The load as stages that follow each other: one, unless the kind of trial has more."""
        arm = self.arm
        return (Stage(workload=arm.workload, rate_per_s=arm.rate_per_s, for_s=self.load_s),)
