"""A planned trial, of one of four kinds."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from after202.kernel.overrides import Overrides
from after202.records.experiment import NO_FAULT, Reach, Role
from after202.records.planned import Planned, Stage

# The durability of an arm that has no broker, or whose broker writes nothing.
NOT_DURABLE = "no persistence"
Shape = Literal["overload", "burst", "backlog", "prefill"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


class Comparison(Planned):
    """A trial whose times are compared with those of the other arms of its block.

    A trial that `repeats` a block belongs to the block's replacement, which is run because the
    first had a trial that was not valid. `then` has the legs of the load that follow the arm's own,
    each on the same stack and once the work of the one before is done; `leg` is the number of the
    one that this stands for alone.
    """

    kind: Literal["comparison"] = "comparison"
    repeats: int | None = None
    then: tuple[Stage, ...] = ()
    leg: int = 0

    @property
    def load_s(self) -> float:
        """How long requests for jobs fall due, in all legs."""
        return sum(stage.for_s for stage in self.stages)

    @property
    def goes_s(self) -> tuple[float, ...]:
        """How long each turn is, or each leg."""
        return tuple(stage.for_s for stage in self.stages) if self.then else super().goes_s

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The legs of the load, in order; each is its warm-up and its window."""
        arm, for_s = self.arm, self.warm_up_s + self.window_s
        first = Stage(workload=arm.workload, rate_per_s=arm.rate_per_s, for_s=for_s)
        return (first, *self.then)

    @property
    def name(self) -> str:
        """The id, and the workload of a leg after the first, which the id does not name."""
        return f"{self.id} ({self.arm.workload})" if self.leg else self.id

    @property
    def legs(self) -> tuple["Comparison", ...]:
        """The trial as one trial for each leg; they share its id, because one stack ran them."""
        return tuple(
            self.model_copy(update={"then": (), "leg": number, **self._own(stage)})
            for number, stage in enumerate(self.stages)
        )

    def _own(self, stage: Stage) -> dict[str, Any]:
        """Return what is a leg's own."""
        load = {"workload": stage.workload, "rate_per_s": stage.rate_per_s}
        window_s = stage.for_s - self.warm_up_s
        return {"arm": self.arm.model_copy(update=load), "window_s": window_s}


class Probe(Planned):
    """A trial that tries one rate in the search for an arm's capacity, often beyond it."""

    kind: Literal["probe"] = "probe"


class Episode(Planned):
    """A trial with a fault. Outcomes hardly depend on speed, so episodes may run side by side.

    The fault strikes `fault_after_s` after the load's first event; `reach` says which work it could
    take. `parameters` are those of the fault's that the profile overrides. A job is late after
    `deadline_s`. The drain waits long enough for redelivery if `horizon_s` allows that, else
    `drain_s`.
    """

    kind: Literal["episode"] = "episode"
    number: int
    fault: str = NO_FAULT
    parameters: Overrides = Field(default_factory=dict)
    hits: Role | None = None
    reach: Reach = Reach.STRIKE
    fault_after_s: float = 0.0
    durability: str = NOT_DURABLE
    deadline_s: float | None = None
    horizon_s: float = 0.0


class Pressure(Planned):
    """A trial with more work than the arm can do in that time.

    It is an overload, a burst, a backlog, or a prefill, whose load comes while no worker runs. The
    load is `before`, `pressed` and `after`; those that are there follow each other and fill
    the window. `capacity_per_s` is the arm's capacity, if the pressure is a multiple of it.
    """

    kind: Literal["pressure"] = "pressure"
    shape: Shape
    number: int
    before: Stage | None = None
    pressed: Stage
    after: Stage | None = None
    capacity_per_s: float | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that are there, in order."""
        return tuple(one for one in (self.before, self.pressed, self.after) if one is not None)

    @property
    def pressed_from_s(self) -> float:
        """When the pressure begins, in seconds of the load."""
        return self.before.for_s if self.before else 0.0

    @property
    def pressed_until_s(self) -> float:
        """When the pressure ends, in seconds of the load."""
        return self.pressed_from_s + self.pressed.for_s

    @property
    def pressed_jobs(self) -> int:
        """How many jobs the pressure consists of, about."""
        return round(self.pressed.rate_per_s * self.pressed.for_s)

    @property
    def title(self) -> str:
        """What is under pressure, and by what; without the rate, which may differ between arms."""
        if self.shape == "overload":
            return f"{self.arm.workload}, overload for {self.pressed.for_s:g} s"
        jobs = f"{self.pressed_jobs} {self.pressed.workload}"
        if self.shape == "prefill":
            return f"{jobs} enqueued before the worker starts"
        within = f"{jobs} within {self.pressed.for_s:g} s"
        return within if self.shape == "burst" else f"{self.arm.workload} behind {within}"

    @property
    def watched_s(self) -> float:
        """How long after the end of the pressure a recovery would have been seen."""
        return self.load_s - self.pressed_until_s + self.drain_s


Trial = Annotated[Comparison | Probe | Episode | Pressure, Field(discriminator="kind")]


def hits(trial: Trial, role: Role) -> bool:
    """Return whether the trial has a fault that hits a role."""
    return isinstance(trial, Episode) and trial.hits is role
