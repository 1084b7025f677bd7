"""Divides this machine's processors between the system under test, the load and the services."""

import os
from dataclasses import asdict, dataclass, replace

from after202.kernel.errors import UsageError
from after202.records.experiment import Layout, Role

LEAST_CORES = 2
FOUR_CORES = 4


@dataclass(frozen=True)
class CpuSets:
    """The processors that each side may use; an empty tuple means any.

    `under_test` are those of the API and the broker; the worker's are the same on the shared core.
    """

    under_test: tuple[int, ...]
    worker: tuple[int, ...]
    generator: tuple[int, ...]
    services: tuple[int, ...]

    def of(self, role: Role) -> tuple[int, ...]:
        """Return the processors of a role; a database that a fault hits is still a service."""
        if role is Role.DATABASE:
            return self.services
        return self.worker if role is Role.WORKER else self.under_test

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
        under_test, services = tuple(cpus[:-1]), (cpus[-1],)
    else:
        under_test, services = tuple(cpus[:-2]), (cpus[-2],)
    return CpuSets(under_test, under_test, (cpus[-1],), services)


def usual_layout(cpus: list[int]) -> Layout:
    """Return the layout of a comparison that names none: the worker is apart if it can be."""
    return Layout.SHARED_CORE if len(cpus) < FOUR_CORES else Layout.WORKER_APART


def laid_out(cpus: CpuSets, layout: Layout) -> CpuSets:
    """Return a split as the layout has it; `cpus` has the shared core.

    A worker apart has the upper half of the processors under test. If there is only one, it has
    the generator's, and the slip says whether the generator can bear that.
    """
    if layout is Layout.SHARED_CORE:
        return cpus
    half = len(cpus.under_test) // 2
    if not half:
        return replace(cpus, worker=cpus.generator)
    return replace(cpus, under_test=cpus.under_test[:half], worker=cpus.under_test[half:])


def anywhere(cpus: CpuSets) -> CpuSets:
    """Return sets in which each side may use every processor of any side."""
    every = tuple(sorted({*cpus.under_test, *cpus.generator, *cpus.services}))
    return CpuSets(every, every, every, every)
