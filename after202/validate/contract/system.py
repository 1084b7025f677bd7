"""A real stack with one variant of a strategy, and what a check may do to it and see of it."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from http import HTTPStatus
from itertools import count
from pathlib import Path
from uuid import UUID

from after202.kernel import ledger
from after202.kernel.errors import TrialError
from after202.kernel.ledger import Event, EventKind
from after202.kernel.model import Look, Offer, StrategyFacts
from after202.measure.watch.progress import Progress, settle
from after202.plan.catalogue import workloads
from after202.records.experiment import Role
from after202.stacks.interface import Stack
from after202.validate.contract import effects
from after202.validate.contract.effects import Effects
from loadtests import faults

# Work that has not moved for this long is not done.
STILL_S, LONGEST_S = 15.0, 90.0
POLL_S = 0.02
RANDOM_BYTES = 8


def ordinary_workloads() -> list[str]:
    """Return the workloads that nothing is wrong with: those that are no fault by themselves."""
    found = map(faults.load, faults.ids())
    broken = {fault.workload for fault in found if fault.hits in {None, Role.JOB}}
    return [name for name in workloads() if name not in broken]


@dataclass(frozen=True)
class Answered:
    """What became of a request for a job, and how long the answer took."""

    job_id: UUID
    status: int
    body: str
    took_s: float


@dataclass
class System:
    """A stack that is up. `look` asks the queue itself; None if its broker does not answer.

    `reference` are the effects that the workloads have where the request itself does the work, by
    workload and kind, of as many jobs as `asks` says.
    """

    facts: StrategyFacts
    variant: str
    stack: Stack
    ledger: Path
    mails: Path
    slots: int
    look: Callable[[], Look | None]
    reference: "Mapping[str, Mapping[str, int]]" = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _prefix: bytes = field(default_factory=lambda: os.urandom(RANDOM_BYTES))

    @property
    def has_worker(self) -> bool:
        """Whether a worker does the work, and not the API."""
        return Role.WORKER in self.stack.roles

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """What the API offers of what nothing is wrong with, by name."""
        return {name: self.stack.api.offer(name) for name in ordinary_workloads()}

    def new_ids(self, number: int) -> list[UUID]:
        """Return ids such as a generator gives: numbers from 1 in one stream."""
        numbers = (next(self._numbers) for _ in range(number))
        return [UUID(bytes=self._prefix + one.to_bytes(RANDOM_BYTES)) for one in numbers]

    def ask(self, workload: str, number: int) -> list[Answered]:
        """Ask for jobs, all at the same time, and return the answers."""
        offer, jobs = self.offers[workload], self.new_ids(number)
        with ThreadPoolExecutor(number) as together:
            return list(together.map(partial(self._ask, offer), jobs, range(number)))

    def _ask(self, offer: Offer, job_id: UUID, number: int) -> Answered:
        start_s = time.monotonic()
        status, body = self.stack.api.ask(offer, job_id, number)
        took_s = time.monotonic() - start_s
        return Answered(job_id, status, body.decode(errors="replace"), took_s)

    def submit(self, workload: str, number: int) -> list[UUID]:
        """Ask for jobs, all at the same time, and return their ids; TrialError if one is refused.

        Jobs whose steps follow one another are asked for one at a time, each once the one before
        is done: what a library does when they interleave is a matter for faults, not of order.
        """
        if number > 1 and self.offers[workload].ordered:
            return [job for _ in range(number) for job in self._one_by_one(workload)]
        answers = self.ask(workload, number)
        for answer in answers:
            if answer.status != HTTPStatus.ACCEPTED:
                raise TrialError(f"{workload} was answered {answer.status}: {answer.body}")
        return [answer.job_id for answer in answers]

    def _one_by_one(self, workload: str) -> list[UUID]:
        jobs = self.submit(workload, 1)
        self.settle({workload: jobs})
        return jobs

    def settle(self, jobs: Mapping[str, Collection[UUID]]) -> bool:
        """Wait until nothing more can happen to jobs, by workload; return False if that is never.

        Nothing more can happen if all steps have ended and the queue holds nothing.
        """
        progress = Progress(self.ledger, (), self.stack.lives)

        def undone() -> int:
            return sum(
                progress.undone(of, len(self.offers[name].steps)) for name, of in jobs.items()
            )

        def holds() -> bool:
            found = self.look()
            return found is None or found.holds

        alive = self.stack.require_alive
        return settle(progress, undone, holds, lambda: STILL_S, alive, longest_s=LONGEST_S)

    def events(self, jobs: Collection[UUID]) -> dict[UUID, list[Event]]:
        """Return what the ledger has of jobs so far, by time; nothing of a job without events."""
        found: defaultdict[UUID, list[Event]] = defaultdict(list)
        for file in ledger.read_folder(self.ledger):
            for event in file.events:
                found[event.job_id].append(event)
        return {job: sorted(found[job], key=lambda one: one.at_ns) for job in jobs if job in found}

    def began(self, jobs: Collection[UUID], within_s: float) -> bool:
        """Wait until one of the jobs has begun; return whether one has, within so long."""
        deadline_s = time.monotonic() + within_s
        while not (found := self.events(jobs)) and time.monotonic() < deadline_s:
            time.sleep(POLL_S)
        return bool(found)

    def effects(self) -> Effects:
        """Count what jobs left in the services."""
        return effects.left(self.stack.wiring, self.mails)


def steps(events: Collection[Event], kind: EventKind) -> list[int]:
    """Return the steps that began, ended or failed, in the order of the events."""
    return [event.step for event in events if event.kind is kind]
