"""The vocabulary of an experiment as types: streams, outcomes, roles, arms, levels of service.

Processes under test must not import this module.
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
    """What the client knows about a request."""

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


class Condition(Value):
    """What the arms of a comparison have in common: the work, and how much of it is offered."""

    workload: str
    rate_per_s: float

    @property
    def label(self) -> str:
        """Its name in tables and charts."""
        return f"{self.workload} {self.rate_per_s:g}/s"


class Arm(Value):
    """One side of a comparison; copies 2, 3, ... repeat the baseline as a live A/A test."""

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
        """Whether it exists only for the A/A test."""
        return self.copy_number > 1

    @property
    def condition(self) -> Condition:
        """The workload and the rate at which it is compared."""
        return Condition(workload=self.workload, rate_per_s=self.rate_per_s)


class ServiceLevel(Value):
    """What must hold for a rate to be within the capacity: two quantiles below their limits."""

    response_ms: Annotated[float, Field(gt=0)]
    completion_ms: Annotated[float, Field(gt=0)]
    response_quantile: Annotated[float, Field(gt=0, lt=1)] = 0.95
    completion_quantile: Annotated[float, Field(gt=0, lt=1)] = 0.95

    @property
    def least_requests(self) -> int:
        """The fewest requests of which, at 99 % probability, at least one is above the quantile."""
        quantile = max(self.response_quantile, self.completion_quantile)
        return math.ceil(math.log(0.01) / math.log(quantile))

    @property
    def drain_s(self) -> float:
        """How long to wait for jobs that can still keep the level."""
        return 1.5 * self.completion_ms / 1000 + 1

    @property
    def label(self) -> str:
        """The level in words."""
        return (
            f"response p{self.response_quantile * 100:g} < {self.response_ms:g} ms,"
            f" completion p{self.completion_quantile * 100:g} < {self.completion_ms:g} ms,"
            " backlog does not grow"
        )
