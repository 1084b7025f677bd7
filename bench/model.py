"""The words of the project as types: what both halves and the processes under test agree on."""

import math
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

DOCUMENTED = "documented"
HARDENED = "hardened"
DEDUPLICATED = "deduplicated"
NO_FAULT = "F0"
PLACEHOLDER = "{n}"
JOB_ID_HEADER = "X-Request-ID"
ENVIRONMENT_PREFIX = "AFTER202_"
# A generated id ends with a number of 8 bytes; in a random one (RFC 9562) these begin with a 1.
NUMBERS = 2**64


class Value(BaseModel):
    """A frozen value object that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Job(Value):
    """The work that one request asks for."""

    id: UUID
    workload: str
    request: dict[str, JsonValue]

    @property
    def number(self) -> int | None:
        """Its number among those of its stream, from 1 on; None if no generator gave it its id."""
        low = self.id.int % NUMBERS
        return low if low < NUMBERS // 2 else None


class Example(Value):
    """A valid request of a workload; `{n}` stands for a number that differs each time."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: str = ""

    def numbered(self, number: int) -> "Example":
        """Fill in the number."""
        text = str(number)
        return self.model_copy(
            update={
                "path": self.path.replace(PLACEHOLDER, text),
                "body": self.body.replace(PLACEHOLDER, text),
            }
        )


class Offer(Value):
    """What an API says of one workload, in its OpenAPI document under `x-workload`."""

    steps: tuple[str, ...]
    ordered: bool
    example: Example


class Setting(Value):
    """One setting of a strategy that differs from the library's default, and why."""

    name: str
    value: str
    why: str
    source: str


class Variant(Value):
    """One way to set a strategy up.

    A queue hands out again, within `redelivery_s`, what a worker held that died; None where
    nobody holds anything. A supervisor kills what has not ended `stop_grace_s` after it was asked
    to; None leaves that to the supervisor.
    """

    settings: tuple[Setting, ...] = ()
    redelivery_s: float | None = None
    stop_grace_s: float | None = None


class Wiring(BaseModel):
    """Where a process of the system under test finds its parts; passed by the environment."""

    variant: str = DOCUMENTED
    slots: Annotated[int, Field(ge=1)] = 4
    queue: str = "after202"
    broker_url: str = "redis://127.0.0.1:6379/0"
    cache_url: str = "redis://127.0.0.1:6380/0"
    database_url: str = "postgresql://postgres@127.0.0.1:5432/postgres"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    data_folder: str = "data"
    ledger_folder: str = "ledger"

    def environment(self) -> dict[str, str]:
        """Return the environment variables that say the same."""
        return {
            ENVIRONMENT_PREFIX + name.upper(): str(value)
            for name, value in self.model_dump().items()
        }


class Stream(StrEnum):
    """Which endpoint a request went to: one that asks for a job, or one that does no work."""

    JOBS = "jobs"
    BYSTANDER = "bystander"


class Outcome(StrEnum):
    """What the client knows of a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Arrivals(StrEnum):
    """The arrival process: independent gaps, or equal ones."""

    POISSON = "poisson"
    CONSTANT = "constant"


class Role(StrEnum):
    """What a fault may hit: a part of the system under test, its client, or the job itself."""

    API = "api"
    WORKER = "worker"
    BROKER = "broker"
    CLIENT = "client"
    JOB = "job"


class Persistence(StrEnum):
    """What the broker writes to disk: Redis's own default is `save points`."""

    NONE = "no persistence"
    SAVE_POINTS = "save points"
    EVERYSEC = "AOF everysec"
    ALWAYS = "AOF always"


class Condition(Value):
    """What the arms of a comparison have in common: the work, and how much of it is offered."""

    workload: str
    rate_per_s: float

    @property
    def label(self) -> str:
        """How tables and charts name it."""
        return f"{self.workload} {self.rate_per_s:g}/s"


class Arm(Value):
    """One side of a comparison; copies 2, 3, ... are the baseline once more, a live A/A test."""

    strategy: str
    workload: str
    rate_per_s: float
    variant: str = DOCUMENTED
    copy_number: int = 1

    @property
    def label(self) -> str:
        """The strategy's name in tables and charts, with its variant and copy where they matter."""
        variant = "" if self.variant == DOCUMENTED else f" {self.variant}"
        return f"{self.strategy}{variant}" + (f"#{self.copy_number}" if self.is_copy else "")

    @property
    def is_copy(self) -> bool:
        """Whether it is there for the A/A test alone."""
        return self.copy_number > 1

    @property
    def condition(self) -> Condition:
        """The workload and the rate that it is compared at."""
        return Condition(workload=self.workload, rate_per_s=self.rate_per_s)


class ServiceLevel(Value):
    """What must hold for a rate to be within the capacity: two quantiles below their limits."""

    response_ms: Annotated[float, Field(gt=0)]
    completion_ms: Annotated[float, Field(gt=0)]
    response_quantile: Annotated[float, Field(gt=0, lt=1)] = 0.95
    completion_quantile: Annotated[float, Field(gt=0, lt=1)] = 0.95

    @property
    def least_requests(self) -> int:
        """How many requests it takes until none above a quantile means something, at 99 %."""
        quantile = max(self.response_quantile, self.completion_quantile)
        return math.ceil(math.log(0.01) / math.log(quantile))

    @property
    def drain_s(self) -> float:
        """How long to wait for jobs that may still keep the level."""
        return 1.5 * self.completion_ms / 1000 + 1

    @property
    def label(self) -> str:
        """The level in words."""
        return (
            f"response p{self.response_quantile * 100:g} < {self.response_ms:g} ms,"
            f" completion p{self.completion_quantile * 100:g} < {self.completion_ms:g} ms,"
            " backlog does not grow"
        )


class Trial(Value):
    """One trial as planned: fresh processes, one arm, one schedule of arrivals.

    An `episode` is there for its `fault`, which strikes `fault_after_s` after the load's first
    event: its jobs are late after `deadline_s`; its drain may last as long as redelivery takes,
    where `horizon_s` allows for that, else `drain_s`. Outcomes do not depend on speed, so
    episodes may run side by side.
    Where its load comes in `turns`, the trials of its block are up together, and take turns.
    A trial that `repeats` a block stands in for one of that block, of which some were not valid.
    A probe asks for the capacity, often beyond it, and is no side of a comparison.
    """

    id: str
    block: int
    arm: Arm
    seed: int
    arrivals: Arrivals
    warm_up_s: float
    window_s: float
    drain_s: float
    bystander_per_s: float
    rest_s: float = 0.0
    turns: int = 1
    slots: int
    episode: int | None = None
    fault: str = NO_FAULT
    fault_after_s: float = 0.0
    broker: Persistence = Persistence.NONE
    deadline_s: float | None = None
    horizon_s: float = 0.0
    repeats: int | None = None
    is_probe: bool = False

    @property
    def is_comparison(self) -> bool:
        """Whether its times are compared with those of others."""
        return self.episode is None and not self.is_probe

    @property
    def load_s(self) -> float:
        """How long requests for jobs fall due."""
        return self.warm_up_s + self.window_s
