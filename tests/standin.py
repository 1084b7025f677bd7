"""A stand-in for everything that starts a process: services, stacks, generators.

Jobs are done as soon as they are asked for, and due in the past, so that a whole run takes no time.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any, Self
from uuid import UUID, uuid4

from after202.hosts.cpus import CpuSets
from after202.kernel.errors import TrialError
from after202.kernel.ledger import EventKind, Ledger, Writer
from after202.kernel.model import Example, Offer, VariantFacts, Wiring
from after202.measure.load.generator import stream_seed
from after202.measure.rig import Rig
from after202.measure.watch.inspector import Inspectors
from after202.records.experiment import Outcome, Role, Stream
from after202.records.folder import RunFolder, TrialFolder
from after202.records.request_log import Requests, convert
from after202.records.requests import OUTCOMES, STREAMS
from after202.records.trial import Trial
from after202.records.trial_record import Counts, Load
from loadtests.arrivals import staged_s

OFFER = Offer(steps=("a", "b"), ordered=False, example=Example(method="POST", path="/login"))
ANYWHERE = CpuSets((), (), (), ())
RESPONSE_NS = 2_000_000


@dataclass
class Script:
    """What goes wrong with which trial; the trials that were begun, in order."""

    late_ms: Callable[[Trial], float] = lambda _: 0.0
    fails: Callable[[Trial], bool] = lambda _: False
    forgets: Callable[[Trial], bool] = lambda _: False
    dies: Callable[[Trial], bool] = lambda _: False
    begun: list[str] = field(default_factory=list)

    @contextmanager
    def rigged(self, folder: RunFolder) -> Iterator[Rig]:
        """Give what a run's trials share."""
        services = StandInServices(folder.path, self)
        yield Rig(services, Inspectors(folder), self.generator)

    def generator(self, trial: Trial, folder: TrialFolder, _: tuple[int, ...]) -> Any:
        """Return the stand-in of a trial's generator."""
        return StandInGenerator(trial, folder, self)


class StandInApi:
    """Accepts the canary job, and does it."""

    key = ""

    def __init__(self, ledger: Path) -> None:
        """Write to a ledger."""
        self._ledger = Ledger(ledger)

    def offer(self, _: str) -> Offer:
        """Return the only offer."""
        return OFFER

    def variant(self) -> VariantFacts:
        """Return a variant without settings."""
        return VariantFacts()

    def submit(self, offer: Offer, job_id: UUID) -> None:
        """Do the job."""
        for step in range(len(offer.steps)):
            self._ledger.record(EventKind.START, job_id, step)
            self._ledger.record(EventKind.END, job_id, step)


class StandInStack:
    """A stack without a process."""

    url = "http://127.0.0.1:1"
    slots = 1
    is_stopping = False
    own_cpus: Mapping[Role, tuple[int, ...]] = {}

    def __init__(self, trial: Trial, folder: TrialFolder, script: Script) -> None:
        """Follow the script."""
        self.api: Any = StandInApi(folder.ledger)
        self.wiring = Wiring()
        self.broker: Any = None
        self.roles: Mapping[Role, Any] = {}
        self.services: Mapping[str, Any] = {}
        self.children: Sequence[Any] = []
        self._trial = trial
        self._script = script

    def __enter__(self) -> Self:
        """Start, unless the script says that this trial's stack does not."""
        if self._script.fails(self._trial):
            raise TrialError("the API did not answer")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop nothing."""

    def start(self, role: Role) -> None:
        """Start nothing."""

    def written(self, _: str) -> tuple[str, ...]:
        """Have no rows."""
        return ()

    def answers(self, _: Role) -> bool:
        """Answer."""
        return True

    def require_alive(self) -> None:
        """Be alive."""

    def lives(self, _: Writer) -> bool:
        """Have no process that lives."""
        return False

    def process(self, _: Writer) -> None:
        """Have no process."""

    def clients(self) -> list[Any]:
        """Have no clients."""
        return []

    def strangers(self, _: object) -> set[Any]:
        """Have no stranger."""
        return set()

    def spare_broker(self) -> None:
        """Have no broker."""


class StandInServices:
    """Services without a process."""

    database_url = ""

    def __init__(self, scratch: Path, script: Script) -> None:
        """Follow the script."""
        self.scratch = scratch
        self.cpus = ANYWHERE
        self.stopping = Event()
        self._script = script

    def __enter__(self) -> Self:
        """Start nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop nothing."""

    def stack(self, trial: Trial, folder: TrialFolder, _: CpuSets) -> StandInStack:
        """Return a trial's stack."""
        return StandInStack(trial, folder, self._script)


class StandInGenerator:
    """Writes what a generator would have: every request of the schedule, accepted and done."""

    def __init__(self, trial: Trial, folder: TrialFolder, script: Script) -> None:
        """Follow the script."""
        self._trial = trial
        self._folder = folder
        self._script = script
        self._ledger = Ledger(folder.ledger)
        self._turns_us: list[int] = []
        self._scheduled = 0

    def start(self, *_: str) -> Self:
        """Be the loader too."""
        self._script.begun.append(self._trial.id)
        return self

    def kill(self) -> None:
        """End nothing."""

    def require_alive(self) -> None:
        """Be alive."""

    def say(self, _: str) -> None:
        """Begin, or end, in no time."""

    def end(self, _: Self) -> None:
        """End a load before its last turn."""

    def finish(self, _: Self, __: Callable[[], None] = lambda: None, turn: int = 1) -> Load:
        """Return the load, whose requests are written with its first turn."""
        start_ns = time.monotonic_ns()
        self._turns_us.append(start_ns // 1000)
        if turn == 1:
            self._scheduled = self._write(start_ns)
        if self._script.dies(self._trial):
            raise TrialError("generator ended with code -9")
        scheduled = self._scheduled
        end_us = start_ns // 1000 + int(self._trial.load_s * 1e6)
        return Load(
            load_start_us=self._turns_us[0],
            window_start_us=self._turns_us[0],
            window_end_us=end_us,
            load_end_us=end_us,
            turns_us=tuple(self._turns_us),
            counts=Counts(
                scheduled=scheduled, sent=scheduled, answered=scheduled, accepted=scheduled
            ),
            dropped=0,
            cpu_s=0.1,
            recording_cpu_s=0.0,
        )

    def _write(self, start_ns: int) -> int:
        """Write the requests and the events of their jobs; return how many there are."""
        trial, requests = self._trial, Requests.of_process(self._folder.path, 0)
        seed = stream_seed(trial, Stream.JOBS)
        times = staged_s(trial.arrivals, trial.stages, seed)
        slip_ns = int(self._script.late_ms(trial) * 1e6)
        for due_s, _ in takewhile(lambda one: one[0] < trial.load_s, times):
            job_id, due_ns = uuid4(), start_ns + int(due_s * 1e9)
            times_ns = (due_ns, due_ns + slip_ns, due_ns + slip_ns + RESPONSE_NS)
            accepted = OUTCOMES.index(Outcome.ACCEPTED)
            requests.record(STREAMS.index(Stream.JOBS), str(job_id), times_ns, 202, accepted)
            if not self._script.forgets(trial):
                for step in range(len(OFFER.steps)):
                    self._ledger.record(EventKind.START, job_id, step)
                    self._ledger.record(EventKind.END, job_id, step)
        if not self._script.dies(trial):
            convert(self._folder.path)
        return len(requests)
