"""Run folders by hand: the same files as the measuring half writes, with answers that are known."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

from after202.kernel.ledger import BODY, CHECKSUM, JOINED, MAGIC, EventKind
from after202.kernel.model import Example, Offer
from after202.records.experiment import Arm, Arrivals, Outcome, Role
from after202.records.folder import RunFolder, TrialFolder
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from after202.records.request_log import Requests
from after202.records.requests import OUTCOMES
from after202.records.run import BROKER, ENDED, RunRecord
from after202.records.trial import Comparison, Episode, Probe, Trial
from after202.records.trial_record import Counts, Load, Mark, Strike, TrialRecord, Usage

OFFER = Offer(steps=("a", "b"), ordered=False, example=Example(method="POST", path="/login"))
JOBS = 40
START_NS = 10**12
SPACING_NS = 10**7
PAUSE_NS = 10**9
LAST_STEP = 1
# While two jobs are in flight.
STRUCK = Mark(at_us=(START_NS + JOBS // 2 * SPACING_NS) // 1000, role=Role.WORKER, what="struck")
STRIKE = Strike(marks=(STRUCK,), proven=True, in_flight=2, horizon_s=1)
PROFILE = Profile(
    description="By hand.",
    seed=1,
    slots=1,
    comparison=(ComparisonPlan(workload="login", rate_per_s=5, blocks=1, window_s=1),),
)


@dataclass
class TrialHistory:
    """A trial whose every job was answered after `response_ms` and done after `completion_ms`.

    Between turns nothing is due for a second. The first `warm_up_jobs` are due before the window.
    The `lost` jobs, by their numbers, are not done; the `refused` are answered so.
    It is a trial of a comparison, or a probe, or an episode in which the `fault` hits a worker.
    """

    strategy: str
    block: int = 0
    response_ms: float = 2.0
    completion_ms: float = 20.0
    copy_number: int = 1
    valid: bool = True
    slip_ms: float = 0
    repeats: int | None = None
    turns: int = 1
    rate_per_s: float = 5
    cpu_s: float = 0.4
    generator_cpu_s: float = 1
    bystander_per_s: float = 0
    services_cpu_s: dict[str, float] = field(default_factory=dict)
    warm_up_jobs: int = 0
    ledger_tail: bytes = b""
    lost: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()
    foreign: list[UUID] = field(default_factory=list)
    is_probe: bool = False
    fault: str = ""
    varied: dict[str, Any] = field(default_factory=dict)

    def trial(self, number: int) -> Trial:
        """Return the trial as planned."""
        arm = Arm(
            strategy=self.strategy,
            workload="login",
            rate_per_s=self.rate_per_s,
            copy_number=self.copy_number,
            **self.varied,
        )
        every: dict[str, Any] = {
            "id": f"{number:03d}", "block": self.block, "arm": arm, "seed": 1,
            "arrivals": Arrivals.POISSON, "warm_up_s": 0, "window_s": 1, "drain_s": 1,
            "bystander_per_s": self.bystander_per_s, "slots": 1, "turns": self.turns,
        }  # fmt: skip
        if self.fault:
            return Episode(**every, number=1, fault=self.fault, hits=Role.WORKER, deadline_s=15)
        return Probe(**every) if self.is_probe else Comparison(**every, repeats=self.repeats)

    def write(self, folder: TrialFolder, number: int) -> None:
        """Write the trial's folder."""
        folder.empty()
        requests, events = Requests(), b""
        for job in range(JOBS):
            job_id, due_ns = uuid4(), START_NS + job * SPACING_NS + self._pause_ns(job)
            sent_ns = due_ns + int(self.slip_ms * 1e6)
            answered_ns = due_ns + int(self.response_ms * 1e6)
            outcome = OUTCOMES.index(Outcome.REFUSED if job in self.refused else Outcome.ACCEPTED)
            requests.record(0, str(job_id), (due_ns, sent_ns, answered_ns), 202, outcome)
            if job not in self.lost | self.refused:
                events += b"".join(_events(job_id, due_ns, int(self.completion_ms * 1e6)))
        for stranger in self.foreign:
            events += event_record(EventKind.START, 0, stranger, START_NS)
            events += event_record(EventKind.END, 0, stranger, START_NS)
        requests.write(folder.path, 0)
        (folder.ledger / JOINED).write_bytes(events + self.ledger_tail)
        folder.store(self._record(number))

    def _pause_ns(self, job: int) -> int:
        return job // (JOBS // self.turns) * PAUSE_NS

    def _turns_us(self) -> tuple[int, ...]:
        firsts = range(0, JOBS, JOBS // self.turns)
        return tuple((START_NS + job * SPACING_NS + self._pause_ns(job)) // 1000 for job in firsts)

    def _record(self, number: int) -> TrialRecord:
        accepted = JOBS - len(self.refused)
        counts = Counts(scheduled=JOBS, sent=JOBS, answered=JOBS, accepted=accepted)
        start_us = (START_NS + self.warm_up_jobs * SPACING_NS) // 1000
        end_us = (START_NS + JOBS * SPACING_NS + self._pause_ns(JOBS - 1)) // 1000
        load = Load(
            load_start_us=START_NS // 1000, window_start_us=start_us,
            window_end_us=end_us, load_end_us=end_us, turns_us=self._turns_us(),
            counts=counts, dropped=0, cpu_s=self.generator_cpu_s, recording_cpu_s=0.001,
        )  # fmt: skip
        return TrialRecord(
            trial=self.trial(number),
            valid=self.valid,
            late=self.slip_ms > 0,
            reasons=() if self.valid else ("the generator was late",),
            started_at="",
            offer=OFFER,
            load=load,
            drained=not self.lost,
            usage={"api": Usage(cpu_s=self.cpu_s, peak_memory_bytes=2**26)},
            services={
                name: Usage(cpu_s=cpu_s, peak_memory_bytes=2**20, peak_rss_bytes=2**21)
                for name, cpu_s in self.services_cpu_s.items()
            },
            strike=STRIKE if self.fault else None,
            timing_s={"outside": 2.0},
        )


def store_again(folder: TrialFolder) -> None:
    """Store a trial whose files were edited, as if they had been written so."""
    folder.store(folder.read())


def _events(job_id: UUID, due_ns: int, completion_ns: int) -> Iterable[bytes]:
    for step in range(len(OFFER.steps)):
        yield event_record(EventKind.START, step, job_id, due_ns + 1_000_000)
        at_ns = due_ns + (completion_ns if step == LAST_STEP else completion_ns // 2)
        yield event_record(EventKind.END, step, job_id, at_ns)


def event_record(kind: int, step: int, job_id: UUID, at_ns: int) -> bytes:
    """Return a record of the ledger."""
    body = BODY.pack(MAGIC, kind, step, 1, at_ns, job_id.bytes)
    return body + CHECKSUM.pack(crc32(body))


def write_run(path: Path, histories: list[TrialHistory], profile: Profile = PROFILE) -> RunFolder:
    """Write a run of these trials, and return its folder."""
    folder = RunFolder(path)
    for number, history in enumerate(histories):
        history.write(folder.trial(f"{number:03d}"), number)
    record = RunRecord(
        run="x",
        profile_name="x",
        profile=profile,
        faults={history.fault: "By hand." for history in histories if history.fault},
        stack="none",
        stack_reason="by hand",
        planned=tuple(history.trial(number) for number, history in enumerate(histories)),
        machine={},
        versions={},
        git_commit="",
        started_at="",
        wall_minus_monotonic_ns=time.time_ns(),
        options={BROKER: "none"},
        ended=ENDED,
    )
    folder.write(record)
    return folder
