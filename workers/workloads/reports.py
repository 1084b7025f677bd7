"""CPU-bound report: work in pure Python, whose result is written to disk."""

import json
import statistics
from enum import StrEnum
from random import Random
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import files
from workers.workloads import Workload, in_thread

SAMPLES = 6_000  # about 10 ms of CPU time on a 2.5 GHz core


class ReportType(StrEnum):
    """What the report is about."""

    SALES = "sales"
    VISITS = "visits"


class Report(BaseModel):
    """A request for a report."""

    user_id: Annotated[int, Field(ge=1, le=2**31 - 1)]
    report_type: ReportType = ReportType.SALES


async def request(report: Report) -> Report:
    """Take the request from the body."""
    return report


def generate(job_id: UUID, report: Report) -> None:
    """Summarise a series that depends only on the request, and write the summary to a file."""
    random = Random(f"{report.user_id} {report.report_type}")  # noqa: S311 - data, not a secret
    series = sorted(random.gauss(100, 15) for _ in range(SAMPLES))
    summary = {
        "user_id": report.user_id,
        "type": report.report_type,
        "mean": sum(series) / SAMPLES,
        "deciles": statistics.quantiles(series, n=10),
    }
    files.report_file(job_id).write_text(json.dumps(summary))


WORKLOAD = Workload(
    path="/reports",
    model=Report,
    request=request,
    steps=(in_thread("report", generate),),
    example=Example(
        method="POST",
        path="/reports",
        headers={"Content-Type": "application/json"},
        body='{"user_id": 1{n}, "report_type": "sales"}',
    ),
)
