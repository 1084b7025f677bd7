"""A planned trial, of one of four kinds, and its record after it ran: `trial.json`."""

from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from after202.kernel.model import Offer, Setting, Value
from after202.kernel.overrides import Overrides
from after202.records import legacy
from after202.records.experiment import NO_FAULT, Arm, Arrivals, Reach, Role

SCHEMA = 3
# The durability of an arm that has no broker, or whose broker writes nothing.
NOT_DURABLE = "no persistence"


# It is the name of a folder: no separator, and never the folder above.
TrialId = Annotated[str, Field(pattern=r"^\w[\w.+-]*$", max_length=200)]


Shape = Literal["overload", "burst", "backlog", "prefill"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


class Stage(Value):
    """A stretch of a load: for some time, requests for one workload fall due at one rate."""

    workload: str
    rate_per_s: float
    for_s: float


class _Planned(Value):
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
    def goes(self) -> int:
        """How often the load begins anew, once the work so far is done."""
        return self.turns

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The load as stages that follow each other: one, unless the kind of trial has more."""
        arm = self.arm
        return (Stage(workload=arm.workload, rate_per_s=arm.rate_per_s, for_s=self.load_s),)


class Comparison(_Planned):
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
    def leg_s(self) -> float:
        """How long one leg's requests fall due: its warm-up and its window."""
        return self.warm_up_s + self.window_s

    @property
    def load_s(self) -> float:
        """How long requests for jobs fall due, in all legs."""
        return self.leg_s * (1 + len(self.then))

    @property
    def goes(self) -> int:
        """How often the load begins anew: for each turn, or for each leg."""
        return max(self.turns, 1 + len(self.then))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The legs of the load, in order."""
        arm = self.arm
        first = Stage(workload=arm.workload, rate_per_s=arm.rate_per_s, for_s=self.leg_s)
        return (first, *self.then)

    @property
    def name(self) -> str:
        """The id, and the workload of a leg after the first, which the id does not name."""
        return f"{self.id} ({self.arm.workload})" if self.leg else self.id

    @property
    def legs(self) -> tuple["Comparison", ...]:
        """The trial as one trial for each leg; they share its id, because one stack ran them."""
        return tuple(
            self.model_copy(update={"then": (), "leg": number, "arm": self._arm(stage)})
            for number, stage in enumerate(self.stages)
        )

    def _arm(self, stage: Stage) -> Arm:
        load = {"workload": stage.workload, "rate_per_s": stage.rate_per_s}
        return self.arm.model_copy(update=load)


class Probe(_Planned):
    """A trial that tries one rate in the search for an arm's capacity, often beyond it."""

    kind: Literal["probe"] = "probe"


class Episode(_Planned):
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


class Pressure(_Planned):
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


def durability(trial: Trial) -> str:
    """Return what the trial's broker writes to disk: nothing, unless it is an episode."""
    return trial.durability if isinstance(trial, Episode) else NOT_DURABLE


def hits(trial: Trial, role: Role) -> bool:
    """Return whether the trial has a fault that hits a role."""
    return isinstance(trial, Episode) and trial.hits is role


class Counts(Value):
    """How many requests of the job stream reached each stage."""

    scheduled: int = 0
    sent: int = 0
    answered: int = 0
    accepted: int = 0


class Usage(Value):
    """What one role, or one service, used during the load and its drain.

    `peak_memory_bytes` is by PSS: shared pages are divided among their sharers. `peak_rss_bytes`
    counts them for each; None if it was not sampled.
    """

    cpu_s: float
    peak_memory_bytes: int
    peak_rss_bytes: int | None = None


class Load(Value):
    """The generator's report of its load; times are CLOCK_MONOTONIC.

    Only bystander requests are sent before `load_start_us`. `turns_us` are the starts of the
    load's turns, which are equally long; nothing falls due between them. `receiving_ms` has the
    p50 and the p99 of how late the generator noticed events, as it notices answers.
    """

    load_start_us: int
    window_start_us: int
    window_end_us: int
    load_end_us: int
    turns_us: tuple[int, ...] = ()
    counts: Counts
    dropped: int
    cpu_s: float
    recording_cpu_s: float
    receiving_ms: dict[str, float] = Field(default_factory=dict)

    @property
    def request_cpu_s(self) -> float | None:
        """The generator's CPU time per request sent, which is the same work in every run."""
        return self.cpu_s / self.counts.sent if self.counts.sent else None


class Mark(Value):
    """What was done to a part of the system or observed of it, and when (CLOCK_MONOTONIC)."""

    at_us: int
    role: Role
    what: str
    detail: str = ""


class Strike(Value):
    """A fault as it happened: `proven` if it was seen, with `in_flight` steps running then."""

    marks: tuple[Mark, ...] = ()
    proven: bool = False
    in_flight: int = 0
    horizon_s: float = 0.0
    redelivery_s: float | None = None


class LegRecord(Value):
    """What a trial recorded of one leg: the workload's description, and what was used for it."""

    offer: Offer
    usage: dict[str, Usage]
    services: dict[str, Usage]


class TrialRecord(Value):
    """`trial.json`: a trial as it ran, whether it is valid, and the reasons if it is not.

    `held` has the jobs that the queue or a running process still had when the drain closed, with
    the place; `failed` has those that the queue keeps as failed. `unread` counts messages that the
    queue held and whose job could not be told. `inspected` is false if nothing can tell what the
    queue holds. `slots` is read from the running system. `worker_started_us` is when the worker was
    started on a queue that was filled first (CLOCK_MONOTONIC). `late` means that the
    generator was late, which invalidates a comparison but neither a probe nor a pressure trial.
    `others_share` is the share of the processors under test that others took; None if that is not
    known. `steal_share` is the share of all processors that other machines took. `clock_loop_ms` is
    the CPU time of a fixed loop on a processor under test, before and after. `services` is what
    mail, database and cache used meanwhile, which is charged to nobody. `legs` has what is a leg's
    own, if the trial has several: `offer` is the first leg's, and what was used is of all.
    `cpu_source` and `memory_source` say how usage was read. `files` has the SHA-256 of every other
    file of the trial, by its path; None before schema 3.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Annotated[int, Field(alias="schema", le=SCHEMA)] = SCHEMA
    trial: Trial
    valid: bool
    reasons: tuple[str, ...] = ()
    started_at: str
    attempt: int = 1
    offer: Offer | None = None
    load: Load | None = None
    slots: int | None = None
    worker_started_us: int | None = None
    canary_job_ids: tuple[UUID, ...] = ()
    drained: bool = False
    held: dict[str, str] = Field(default_factory=dict)
    failed: dict[str, str] = Field(default_factory=dict)
    unread: int = 0
    inspected: bool = True
    gates: dict[str, float] = Field(default_factory=dict)
    late: bool = False
    usage: dict[str, Usage] = Field(default_factory=dict)
    others_share: float | None = None
    steal_share: float | None = None
    clock_loop_ms: float | None = None
    services: dict[str, Usage] = Field(default_factory=dict)
    legs: tuple[LegRecord, ...] = ()
    cpu_source: str = ""
    memory_source: str = ""
    settings: tuple[Setting, ...] = ()
    strike: Strike | None = None
    timing_s: dict[str, float] = Field(default_factory=dict)
    files: dict[str, str] | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_any_schema(cls, stored: Any) -> Any:
        return legacy.of_any_schema(stored, legacy.trial_record)
