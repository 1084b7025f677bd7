"""The words of an experiment as types: its trials as planned, and what a client sees of them.

The processes under test know nothing of these.
"""

import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from after202.kernel.model import DOCUMENTED, Value

NO_FAULT = "F0"


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
