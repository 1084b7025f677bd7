"""What is stored of a run and its trials: run.json and trial.json, and what these are made of."""

from typing import Any
from uuid import UUID

from pydantic import Field

from after202.kernel.model import DOCUMENTED, Offer, Setting, Value
from after202.records.experiment import Role, ServiceLevel, Trial


class Counts(Value):
    """How many requests of the job stream came how far."""

    scheduled: int = 0
    sent: int = 0
    answered: int = 0
    accepted: int = 0


class Usage(Value):
    """What one role of the system under test took during the load and its drain."""

    cpu_s: float
    peak_memory_bytes: int


class Load(Value):
    """What the generator says of itself when it is done; due times are CLOCK_MONOTONIC.

    Before the load starts, the bystander alone is there. `turns_us` says when each of its turns
    began: they are of one length, and in between nothing falls due.
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

    @property
    def request_cpu_s(self) -> float | None:
        """What sending a request took of the generator's processor: the same work in every run."""
        return self.cpu_s / self.counts.sent if self.counts.sent else None


class Mark(Value):
    """What was done to a part of the system, or seen of it, and when (CLOCK_MONOTONIC)."""

    at_us: int
    role: Role
    what: str
    detail: str = ""


class Strike(Value):
    """A fault as it went: `proven` if seen to happen, with `in_flight` steps running then."""

    marks: tuple[Mark, ...] = ()
    proven: bool = False
    in_flight: int = 0
    horizon_s: float = 0.0
    redelivery_s: float | None = None


class TrialRecord(Value):
    """`trial.json`: a trial as it went, valid or not, and why not.

    `held` says which jobs somebody still had when the drain closed, and where; `failed` which the
    queue keeps a record of as failed. `slots` is read from what ran. `late` says that the generator
    was, which makes a trial not valid, but no probe.
    """

    trial: Trial
    valid: bool
    reasons: tuple[str, ...]
    started_at: str
    attempt: int = 1
    offer: Offer | None = None
    load: Load | None = None
    slots: int | None = None
    canary_job_ids: tuple[UUID, ...] = ()
    drained: bool = False
    held: dict[str, str] = Field(default_factory=dict)
    failed: dict[str, str] = Field(default_factory=dict)
    gates: dict[str, float] = Field(default_factory=dict)
    late: bool = False
    usage: dict[str, Usage] = Field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    strike: Strike | None = None
    timing_s: dict[str, float] = Field(default_factory=dict)


class RunRecord(Value):
    """`run.json`: everything that one needs to know to read, repeat or resume a run."""

    run: str
    profile: dict[str, Any]
    seed: int
    stack: str
    stack_reason: str
    workers: dict[str, int] = Field(default_factory=dict)
    baseline: str
    baseline_variant: str = DOCUMENTED
    level: ServiceLevel | None = None
    faults: dict[str, str] = Field(default_factory=dict)
    planned: tuple[Trial, ...]
    machine: dict[str, Any]
    versions: dict[str, str]
    git_commit: str
    started_at: str
    wall_minus_monotonic_ns: int
    cpu_sets: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    options: dict[str, str] = Field(default_factory=dict)
    overheads: dict[str, float] = Field(default_factory=dict)
    ended: str = "running"
