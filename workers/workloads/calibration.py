"""Calibration: a job of known service time, which spins for a given time and then waits for one."""

import asyncio
import time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.workloads import Step, Workload

LONGEST_US = 10_000_000
Microseconds = Annotated[int, Field(ge=0, le=LONGEST_US)]


class ServiceTime(BaseModel):
    """How long to spin and how long to wait, in microseconds."""

    spin_us: Microseconds = 0
    wait_us: Microseconds = 0


async def request(service_time: ServiceTime) -> ServiceTime:
    """Take the request from the body."""
    return service_time


def spin(duration_us: int) -> None:
    """Keep the thread busy for this long; on the event loop this blocks it on purpose."""
    end_ns = time.monotonic_ns() + duration_us * 1000
    while time.monotonic_ns() < end_ns:
        pass


def serve(_: UUID, service_time: ServiceTime) -> None:
    """Spin, then wait."""
    spin(service_time.spin_us)
    time.sleep(service_time.wait_us / 1e6)


async def serve_async(_: UUID, service_time: ServiceTime) -> None:
    """Spin on the event loop, then wait off it."""
    spin(service_time.spin_us)
    await asyncio.sleep(service_time.wait_us / 1e6)


WORKLOAD = Workload(
    path="/calibration",
    model=ServiceTime,
    request=request,
    steps=(Step("serve", serve, serve_async),),
    example=Example(
        method="POST",
        path="/calibration",
        headers={"Content-Type": "application/json"},
        body='{"spin_us": 1000, "wait_us": 0}',
    ),
)
