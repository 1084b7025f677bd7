"""Divides this machine's processors between the system under test, the load and the services."""

import os
from dataclasses import asdict, dataclass

from after202.kernel.errors import UsageError

LEAST_CORES = 2
FOUR_CORES = 4


@dataclass(frozen=True)
class CpuSets:
    """The processors that each side may use; an empty tuple means any."""

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
    """Return the split: the last processor is the generator's; UsageError with fewer than two.

    With four or more, the services have one of their own. With fewer, they share the generator's,
    so that their cost is not charged to a strategy.
    """
    if len(cpus) < LEAST_CORES:
        raise UsageError(
            f"this process may use {len(cpus)} core and needs {LEAST_CORES}: one for the system"
            " under test and one for the load; allow it more (taskset, or docker's --cpuset-cpus)"
        )
    if len(cpus) < FOUR_CORES:
        return CpuSets(tuple(cpus[:-1]), (cpus[-1],), (cpus[-1],))
    return CpuSets(tuple(cpus[:-2]), (cpus[-1],), (cpus[-2],))


def anywhere(cpus: CpuSets) -> CpuSets:
    """Return sets in which each side may use every processor of any side."""
    every = tuple(sorted({*cpus.under_test, *cpus.generator, *cpus.services}))
    return CpuSets(every, every, every)
