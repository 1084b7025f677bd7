"""`run.json`: everything needed to read, repeat or resume a run."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from after202.kernel.model import StrategyFacts, Value
from after202.records import legacy
from after202.records.experiment import Layout
from after202.records.profile import Profile
from after202.records.trial import Trial
from after202.records.trial_record import SCHEMA

RUNNING, ENDED, INTERRUPTED = "running", "ended", "interrupted"
# Keys of `options`: where a trial's broker comes from. The URL's password is hidden.
BROKER, BROKER_URL = "broker", "broker_url"


class RunRecord(Value):
    """What a run is: its profile, its trials so far, the machine, the versions, the settings.

    `strategies` are the strategies as they described themselves when the run began. `faults` and
    `workloads` have the first line of each one's docstring; a run that was stored without them has
    none of `workloads`. `cpu_sets` has the processors of each side, by layout. `environments` has
    the version of each library of every strategy's own environment. `unavailable` has the reason of
    each strategy that was left out because it cannot run on the machine. `durabilities` has what
    each kind of broker writes to disk where no episode says otherwise.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Annotated[int, Field(alias="schema", le=SCHEMA)] = SCHEMA
    run: str
    profile_name: str
    profile: Profile
    strategies: dict[str, StrategyFacts] = Field(default_factory=dict)
    stack: str
    stack_reason: str
    workers: dict[str, int] = Field(default_factory=dict)
    faults: dict[str, str] = Field(default_factory=dict)
    workloads: dict[str, str] = Field(default_factory=dict)
    planned: tuple[Trial, ...]
    machine: dict[str, Any]
    versions: dict[str, str]
    environments: dict[str, dict[str, str]] = Field(default_factory=dict)
    unavailable: dict[str, str] = Field(default_factory=dict)
    git_commit: str
    started_at: str
    wall_minus_monotonic_ns: int
    cpu_sets: dict[Layout, dict[str, tuple[int, ...]]] = Field(default_factory=dict)
    options: dict[str, str] = Field(default_factory=dict)
    durabilities: dict[str, str] = Field(default_factory=dict)
    overheads: dict[str, float] = Field(default_factory=dict)
    ended: str = RUNNING

    @model_validator(mode="before")
    @classmethod
    def _of_any_schema(cls, stored: Any) -> Any:
        return legacy.of_any_schema(stored, legacy.run_record)

    @property
    def has_own_broker(self) -> bool:
        """Whether the user named a broker of their own."""
        return BROKER_URL in self.options
