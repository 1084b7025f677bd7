"""The record of a trial after it ran: `trial.json`."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from after202.kernel.model import Offer, Setting, Value
from after202.records import legacy
from after202.records.experiment import Role
from after202.records.trial import Trial

SCHEMA = 3


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
    load's turns, and nothing falls due between them. `receiving_ms` has the
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
    the place; `failed` has those that the queue keeps as failed. `written` has those whose own row,
    which an episode's requests write, was there then. `unread` counts messages that the
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
    written: tuple[str, ...] = ()
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
