"""Samples from outside how much CPU time and memory the system under test uses."""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from after202.hosts.part import Part
from after202.hosts.processes import cpu_s
from after202.measure.watch import clock_speed
from after202.measure.watch.processors import Processors
from after202.records.experiment import Role
from after202.records.trial_record import Usage

INTERVAL_S = 1.0
MEMORY_SOURCE = f"PSS and RSS, sampled every {INTERVAL_S:g} s"


class Sample(NamedTuple):
    """One process at one time: CPU seconds so far, including reaped children's, and memory."""

    role: str
    pid: int
    at_us: int
    cpu_s: float
    memory_bytes: int
    rss_bytes: int


class Sampler:
    """Samples every process of every role once a second, and once at the start and the end.

    It can be entered several times; what is used in between does not count. `services` are sampled
    too, but their time is not the roles'.
    """

    def __init__(
        self,
        roles: Mapping[Role, Part],
        own_cpus: Mapping[Role, Sequence[int]] | None = None,
        services: Mapping[str, Part] | None = None,
    ) -> None:
        """Keep the roles, and the processors of those that share them with nothing else.

        `services` are sampled beside them. `cpu_s` adds up the sampling's own CPU time.
        """
        self._roles = roles
        self._services = services or {}
        self._own_cpus = own_cpus or {}
        self._processors = Processors({cpu for cpus in self._own_cpus.values() for cpu in cpus})
        self._loops_ms: list[float] = []
        self._turns: list[list[list[Sample]]] = []
        self.cpu_s = 0.0

    def __enter__(self) -> Self:
        """Begin with a sample."""
        self._turns.append([])
        self._time_the_loop()
        self._processors.begin()
        self._sample()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End with a sample."""
        self._stop.set()
        self._thread.join()
        self._sample()
        self._processors.end()
        self._time_the_loop()

    def usage(self, time: int | None = None) -> dict[str, Usage]:
        """Return each role's CPU time between first and last samples, and its peak memory.

        `time` is the number, from 0, of the only time it was entered that counts; None for all.
        """
        return {role: self._usage(role, self._of(time)) for role in self._roles}

    def services_usage(self, time: int | None = None) -> dict[str, Usage]:
        """Return the same of each service."""
        return {service: self._usage(service, self._of(time)) for service in self._services}

    def others_share(self) -> float | None:
        """Return the share of the roles' own processors that others took; None if not known."""
        return self._processors.others_share(
            sum(_cpu_s(role, self._turns) for role in self._own_cpus)
        )

    def steal_share(self) -> float | None:
        """Return the share of all processors that other machines took; None if not known."""
        return self._processors.steal_share()

    def clock_loop_ms(self) -> float | None:
        """Return what a fixed loop took the processors under test; None if not known."""
        return sum(self._loops_ms) / len(self._loops_ms) if self._loops_ms else None

    def write(self, path: Path) -> None:
        """Write every sample as Parquet."""
        samples = [one._asdict() for samples in _rounds(self._turns) for one in samples]
        pq.write_table(
            pa.Table.from_pylist(samples), path, compression="zstd", write_page_checksum=True
        )

    def _repeat(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            self._sample()

    def _time_the_loop(self) -> None:
        """Before the load and after its drain, when the processors have nothing else to do."""
        found_ms = clock_speed.loop_ms(self._processors.own)
        if found_ms is not None:
            self._loops_ms.append(found_ms)

    def _sample(self) -> None:
        """Sample every process, and add up the CPU time that sampling takes."""
        start_ns = time.thread_time_ns()
        at_us = time.monotonic_ns() // 1000
        samples = []
        for role, child in (*self._roles.items(), *self._services.items()):
            for process in child.tree():
                with suppress(psutil.Error):
                    samples.append(_sample_of(role, process, at_us))
        self._turns[-1].append(samples)
        self.cpu_s += (time.thread_time_ns() - start_ns) / 1e9

    def _of(self, time: int | None) -> "list[Turn]":
        return self._turns if time is None else [self._turns[time]]

    def _usage(self, role: str, turns: "list[Turn]") -> Usage:
        return Usage(
            cpu_s=_cpu_s(role, turns),
            peak_memory_bytes=_peak_bytes(role, "memory_bytes", turns),
            peak_rss_bytes=_peak_bytes(role, "rss_bytes", turns),
        )


Turn = list[list[Sample]]


def _rounds(turns: list[Turn]) -> list[list[Sample]]:
    return [samples for turn in turns for samples in turn]


def _cpu_s(role: str, turns: list[Turn]) -> float:
    def total(samples: list[Sample]) -> float:
        return sum(sample.cpu_s for sample in samples if sample.role == role)

    return sum(total(turn[-1]) - total(turn[0]) for turn in turns)


def _peak_bytes(role: str, what: str, turns: list[Turn]) -> int:
    def total(samples: list[Sample]) -> int:
        return sum(getattr(sample, what) for sample in samples if sample.role == role)

    return max(map(total, _rounds(turns)))


def _sample_of(role: str, process: psutil.Process, at_us: int) -> Sample:
    return Sample(role, process.pid, at_us, cpu_s(process), *_memory_bytes(process))


def _memory_bytes(process: psutil.Process) -> tuple[int, int]:
    """Return a process's memory with shared pages divided among their sharers, and in full.

    These are PSS and RSS. By RSS alone, every process of a forked pool would count the pages that
    they share. For another user's process, where the kernel denies access to PSS, both are RSS.
    """
    try:
        full = process.memory_full_info()
    except psutil.AccessDenied:
        rss_bytes = int(process.memory_info().rss)
        return rss_bytes, rss_bytes
    return int(getattr(full, "pss", full.rss)), int(full.rss)
