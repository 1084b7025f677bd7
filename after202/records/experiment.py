"""The vocabulary of an experiment as types: streams, outcomes, roles, arms, levels of service.

Processes under test must not import this module.
"""

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from after202.kernel.model import DOCUMENTED, Value
from after202.kernel.overrides import Scalar, told

NO_FAULT = "F0"
# Columns of what sets a condition apart besides its workload and rate. `slots_varied` is empty
# unless the slots are an axis of the comparison.
DEPLOYMENT = ("own_share", "api_processes", "slots_varied", "layout")


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
    """What a fault may hit: a part of the system, the jobs' database, the client, or the job.

    The database is a role only in episodes whose fault hits it.
    """

    API = "api"
    WORKER = "worker"
    BROKER = "broker"
    DATABASE = "database"
    CLIENT = "client"
    JOB = "job"


class Reach(StrEnum):
    """Which work a fault could take: what is in flight when it strikes, or also what is sent later.

    `OUTAGE` adds the jobs that are due until the fault is over: a part that is idle when it is hit
    has nothing in flight, and what it misses is what it is sent meanwhile. `REQUESTS` adds those
    that are refused meanwhile: the fault is about what a request did before it was refused.
    """

    STRIKE = "strike"
    OUTAGE = "outage"
    REQUESTS = "requests"


class Layout(StrEnum):
    """Which processors the worker has: those of the API and the broker, or others."""

    SHARED_CORE = "shared-core"
    WORKER_APART = "worker-apart"


class Condition(Value):
    """What the arms of a comparison have in common: the work, the load, and the deployment.

    With `own_share`, every arm has a rate of its own, a share of its own capacity, and `rate_per_s`
    is 0: the arms are not compared with each other. `slots` is None unless a comparison varies it.
    Runs that were stored without a layout had the shared core.
    """

    workload: str
    rate_per_s: float
    own_share: float | None = None
    layout: Layout = Layout.SHARED_CORE
    api_processes: int = 1
    slots: int | None = None

    @property
    def label(self) -> str:
        """Its name in tables and charts; what is usual is left out."""
        return ", ".join([self._load, *self._deployment()])

    @property
    def cells(self) -> tuple[float | None, int, int | None, str]:
        """Its cells in the columns of `DEPLOYMENT`."""
        return self.own_share, self.api_processes, self.slots, str(self.layout)

    @property
    def _load(self) -> str:
        if self.own_share is None:
            return f"{self.workload} {self.rate_per_s:g}/s"
        return f"{self.workload} at {self.own_share * 100:g} % of its own capacity"

    def _deployment(self) -> Iterator[str]:
        if self.layout is not Layout.SHARED_CORE:
            yield self.layout.replace("-", " ")
        if self.api_processes > 1:
            yield f"{self.api_processes} API processes"
        if self.slots is not None:
            yield "1 slot" if self.slots == 1 else f"{self.slots} slots"


class Arm(Condition):
    """One side of a comparison; copies 2, 3, ... repeat the baseline as a live A/A test.

    It always has the rate at which it is measured. `overrides` are the settings of its variant that
    the profile overrides.
    """

    strategy: str
    variant: str = DOCUMENTED
    overrides: tuple[tuple[str, Scalar], ...] = ()
    copy_number: int = 1

    @property
    def name(self) -> str:
        """The strategy's name, with its variant and copy where they matter."""
        variant = "" if self.variant == DOCUMENTED else f" {self.variant}"
        return f"{self.strategy}{variant}{self._copy}"

    @property
    def label(self) -> str:
        """Its name in tables and charts, with what the profile overrides."""
        variant = "" if self.variant == DOCUMENTED else f" {self.variant}"
        return f"{self.strategy}{variant}{self._overridden}{self._copy}"

    @property
    def variant_label(self) -> str:
        """The variant's name in tables, with what the profile overrides."""
        return f"{self.variant}{self._overridden}"

    @property
    def _overridden(self) -> str:
        return f" ({told(dict(self.overrides))})" if self.overrides else ""

    @property
    def _copy(self) -> str:
        return f"#{self.copy_number}" if self.is_copy else ""

    @property
    def is_copy(self) -> bool:
        """Whether it exists only for the A/A test."""
        return self.copy_number > 1

    @property
    def condition(self) -> Condition:
        """What it has in common with the arms that it is measured beside."""
        shared = {name: getattr(self, name) for name in Condition.model_fields}
        return Condition(**(shared if self.own_share is None else {**shared, "rate_per_s": 0.0}))


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
