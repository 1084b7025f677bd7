"""A course: what happens in a trial between its canary job and its end, and what it reports."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

from after202.hosts.local import Child
from after202.hosts.processes import CPU_SOURCE
from after202.kernel.model import Look, Offer
from after202.measure.load import gates
from after202.measure.load.generator import Generator
from after202.measure.watch.progress import Progress
from after202.measure.watch.resources import MEMORY_SOURCE, Sampler
from after202.measure.watch.stopwatch import Stopwatch
from after202.records.experiment import Role
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.records.trial_record import LegRecord, Load, Strike, TrialRecord, Usage
from after202.stacks.interface import Stack


@dataclass(frozen=True)
class Ready:
    """A trial whose stack is up and whose canary job is done; the generator waits for `go`.

    `look` returns what the queue and working processes still have. `turn` waits for the trial's
    turn within its block. `own_cpus` are the processors of each role that nothing but
    the roles should use.
    """

    trial: Trial
    folder: TrialFolder
    stack: Stack
    offer: Offer
    generator: Generator
    loader: Child
    progress: Progress
    look: Callable[[], Look | None]
    turn: Callable[[], AbstractContextManager[None]]
    watch: Stopwatch
    own_cpus: Mapping[Role, tuple[int, ...]]

    def go(self) -> None:
        """Start the load, or its next turn; TrialError if the generator has ended."""
        self.loader.require_alive()
        self.loader.say("go")


class Seen:
    """Something a course has seen, as fields of the trial's record."""

    def fields(self) -> dict[str, Any]:
        """Return the fields by their names in the record."""
        return dict(vars(self))


@dataclass(frozen=True)
class Loaded(Seen):
    """The load, or one turn of it, is over."""

    load: Load


@dataclass(frozen=True)
class WorkerStarted(Seen):
    """The worker was started on a queue that was filled first, at this time."""

    worker_started_us: int


@dataclass(frozen=True)
class Struck(Seen):
    """The fault has struck."""

    strike: Strike


@dataclass(frozen=True)
class Used(Seen):
    """What the roles used during the load and the drain, and what others took meanwhile."""

    usage: dict[str, Usage]
    others_share: float | None
    steal_share: float | None
    clock_loop_ms: float | None
    services: dict[str, Usage]
    cpu_source: str
    memory_source: str

    @classmethod
    def of(cls, sampler: Sampler) -> Self:
        """Return what a sampler has seen."""
        return cls(
            sampler.usage(),
            sampler.others_share(),
            sampler.steal_share(),
            sampler.clock_loop_ms(),
            sampler.services_usage(),
            CPU_SOURCE,
            MEMORY_SOURCE,
        )


@dataclass(frozen=True)
class Legs(Seen):
    """What each leg of the load offered, and what was used for it; empty if it has only one."""

    legs: tuple[LegRecord, ...]

    @classmethod
    def of(cls, offers: Sequence[Offer], sampler: Sampler) -> Self:
        """Return what a sampler has seen, which was entered once for each leg."""
        if len(offers) == 1:
            return cls(())
        return cls(
            tuple(
                LegRecord(
                    offer=offer,
                    usage=sampler.usage(number),
                    services=sampler.services_usage(number),
                )
                for number, offer in enumerate(offers)
            )
        )


@dataclass(frozen=True)
class Written(Seen):
    """The jobs whose own row, which their request wrote, was there when the drain was over."""

    written: tuple[str, ...]


@dataclass(frozen=True)
class Drained(Seen):
    """The drain is over: whether all work was done, and what is left if not."""

    drained: bool
    left: Look

    def fields(self) -> dict[str, Any]:
        """Return what is left under the record's names."""
        return {"drained": self.drained, **self.left.model_dump()}


def no_gates(_: TrialRecord, __: TrialFolder) -> dict[str, Any]:
    """Return nothing: an episode's outcomes do not depend on how late the generator was."""
    return {}


def lateness(record: TrialRecord, folder: TrialFolder) -> dict[str, Any]:
    """Return how late the generator was, and whether that was too late."""
    if record.load is None:
        return {}
    found_ms = gates.lateness_ms(folder.path, record.load)
    return {"gates": found_ms, "late": bool(gates.late(found_ms))}


def the_workloads(_: Stack, offer: Offer) -> Offer:
    """Return the canary job's workload: the trial's own."""
    return offer


@dataclass(frozen=True)
class Course:
    """What a kind of trial does.

    `run` yields what it sees as soon as that is known. `judge` returns why the trial is not valid.
    `gates` returns how late the generator was. `canary` returns the workload of the first job.
    """

    run: Callable[[Ready], Iterator[Seen]]
    judge: Callable[[TrialRecord], list[str]]
    gates: Callable[[TrialRecord, TrialFolder], dict[str, Any]] = lateness
    canary: Callable[[Stack, Offer], Offer] = the_workloads
