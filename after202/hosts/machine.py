"""Describes the machine and the versions behind a run's figures."""

import platform
import subprocess
import sys
import time
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psutil
from packaging.utils import NormalizedName, canonicalize_name

from after202.hosts.cpus import available_cpus
from after202.kernel.paths import IS_CHECKOUT, SUITE


def machine() -> dict[str, Any]:
    """Return the machine's system, processor, cores and memory."""
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
    """Return the version of every installed library that a run may load, by name.

    In a checkout those are the ones pinned for the bench, so that tools for tests and documents
    make no two runs unlike; elsewhere all count.
    """
    wanted = _pinned()
    found = {one.metadata["Name"].lower(): one.version for one in distributions()}
    return {
        name: version
        for name, version in sorted(found.items())
        if not wanted or canonicalize_name(name) in wanted
    }


def _pinned() -> set[NormalizedName]:
    listed = SUITE / "requirements" / "bench.txt"
    if not listed.is_file():
        return set()
    lines = listed.read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}


def git_commit(checkout: Path = SUITE) -> str:
    """Return a checkout's commit, marked if it has changes; empty if no checkout or no git."""
    if checkout == SUITE and not IS_CHECKOUT:
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def wall_minus_monotonic_ns() -> int:
    """Return the wall clock minus CLOCK_MONOTONIC, in nanoseconds."""
    return time.time_ns() - time.monotonic_ns()
