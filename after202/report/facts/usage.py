"""CPU time and memory per job, and the rates that they allow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from after202.analyse.trials.charge import TOTAL
from after202.records.experiment import Condition, Role
from after202.report.facts.names import Who
from after202.report.facts.tables import Row, condition_of, who_of

ROLES = (str(Role.API), str(Role.WORKER), str(Role.BROKER), TOTAL)
Key = tuple[Who, Condition, str]


@dataclass(frozen=True)
class Usage:
    """What a role used: CPU time per job done in ms, and its peak of memory."""

    cpu_ms: float
    low_ms: float | None
    high_ms: float | None
    memory_bytes: float


@dataclass(frozen=True)
class Limit:
    """A capacity that was searched for: half of the tries at this rate kept the level."""

    per_s: float
    low_per_s: float | None
    high_per_s: float | None
    workload: str
    objective: str
    layout: str


def usage(rows: Sequence[Row]) -> dict[Key, Usage]:
    """Return the rows of `resources.csv`: a CPU second per 1,000 jobs is a ms per job."""
    return {
        (who, condition_of(row), row["role"]): Usage(
            row["cpu_s_per_1000_jobs"],
            row["low_cpu_s_per_1000_jobs"],
            row["high_cpu_s_per_1000_jobs"],
            row["peak_memory_bytes"],
        )
        for row in rows
        if (who := who_of(row)) and math.isfinite(row["cpu_s_per_1000_jobs"])
    }


def limits(rows: Sequence[Row]) -> dict[Who, Limit]:
    """Return the rows of `capacity.csv` whose search found a capacity."""
    return {
        who: Limit(
            row["estimate_per_s"], row["low_per_s"], row["high_per_s"], row["workload"],
            row["objective"], row["layout"],
        )
        for row in rows
        if (who := who_of(row)) and row["estimate_per_s"] is not None
    }  # fmt: skip
