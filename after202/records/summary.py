"""`summary.json`: what a run's report says, as data. Its lists have the names of the tables."""

from typing import Annotated, Any, Literal

from pydantic import Field

from after202.kernel.model import Value
from after202.records.document import Checked, Document
from after202.records.tables import (
    Capacity,
    Completion,
    Goodput,
    Latency,
    Pressure,
    Recovery,
    Resources,
    Verdict,
)


class Trials(Value):
    """How many trials were planned, are stored, and hold, are broken or unknown by `check`."""

    planned: int
    stored: int
    valid: int
    hold: int
    broken: int
    unknown: int


class Summary(Document):
    """What a run's report says, as data."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    run: str
    profile: str
    description: str
    baseline: str
    stack: str
    started_at: str
    ended: str
    git_commit: str
    machine: dict[str, Any]
    trials: Trials
    check: Checked
    latency: tuple[Latency, ...]
    verdicts: tuple[Verdict, ...]
    completion: tuple[Completion, ...]
    recovery: tuple[Recovery, ...]
    resources: tuple[Resources, ...]
    capacity: tuple[Capacity, ...]
    goodput: tuple[Goodput, ...]
    pressure: tuple[Pressure, ...]
    overheads: dict[str, float]
