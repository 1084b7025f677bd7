"""Run folders by hand: the same files as the measuring half writes, with answers that are known."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4
from zlib import crc32

from after202.kernel.ledger import BODY, CHECKSUM, MAGIC, EventKind
from after202.kernel.model import Example, Offer
from after202.records.experiment import Arm, Arrivals, Trial
from after202.records.trial import Counts, Load, RunRecord, TrialRecord, Usage
from loadtests.recorder import Recorder

OFFER = Offer(steps=("a", "b"), ordered=False, example=Example(method="POST", path="/login"))
JOBS = 40
START_NS = 10**12
SPACING_NS = 10**7
PAUSE_NS = 10**9
LAST_STEP = 1


@dataclass
class TrialHistory:
    """A trial whose every job was answered after `response_ms` and done after `completion_ms`.

    Between turns nothing is due for a second. The first `warm_up_jobs` are due before the window.
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
    warm_up_jobs: int = 0
    ledger_tail: bytes = b""
    foreign: list[UUID] = field(default_factory=list)

    def trial(self, number: int) -> Trial:
        """Return the trial as planned."""
        arm = Arm(
            strategy=self.strategy,
            workload="login",
            rate_per_s=self.rate_per_s,
            copy_number=self.copy_number,
        )
        return Trial(
            id=f"{number:03d}", block=self.block, arm=arm, seed=1, arrivals=Arrivals.POISSON,
            warm_up_s=0, window_s=1, drain_s=1, bystander_per_s=0, slots=1, repeats=self.repeats,
            turns=self.turns,
        )  # fmt: skip

    def write(self, folder: Path, number: int) -> None:
        """Write the trial's folder."""
        (folder / "ledger").mkdir(parents=True)
        recorder, events = Recorder(), b""
        for job in range(JOBS):
            job_id, due_ns = uuid4(), START_NS + job * SPACING_NS + self._pause_ns(job)
            sent_ns = due_ns + int(self.slip_ms * 1e6)
            answered_ns = due_ns + int(self.response_ms * 1e6)
            recorder.record(0, str(job_id), (due_ns, sent_ns, answered_ns), 202, 0)
            events += b"".join(_events(job_id, due_ns, int(self.completion_ms * 1e6)))
        for stranger in self.foreign:
            events += _record(EventKind.END, 0, stranger, START_NS)
        recorder.write(folder, 0)
        (folder / "ledger" / "joined.led").write_bytes(events + self.ledger_tail)
        (folder / "trial.json").write_text(self._record(number).model_dump_json())

    def _pause_ns(self, job: int) -> int:
        return job // (JOBS // self.turns) * PAUSE_NS

    def _turns_us(self) -> tuple[int, ...]:
        firsts = range(0, JOBS, JOBS // self.turns)
        return tuple((START_NS + job * SPACING_NS + self._pause_ns(job)) // 1000 for job in firsts)

    def _record(self, number: int) -> TrialRecord:
        counts = Counts(scheduled=JOBS, sent=JOBS, answered=JOBS, accepted=JOBS)
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
            drained=True,
            usage={"api": Usage(cpu_s=self.cpu_s, peak_memory_bytes=2**26)},
            timing_s={"outside": 2.0},
        )


def _events(job_id: UUID, due_ns: int, completion_ns: int) -> Iterable[bytes]:
    for step in range(len(OFFER.steps)):
        yield _record(EventKind.START, step, job_id, due_ns + 1_000_000)
        at_ns = due_ns + (completion_ns if step == LAST_STEP else completion_ns // 2)
        yield _record(EventKind.END, step, job_id, at_ns)


def _record(kind: EventKind, step: int, job_id: UUID, at_ns: int) -> bytes:
    body = BODY.pack(MAGIC, kind, step, 1, at_ns, job_id.bytes)
    return body + CHECKSUM.pack(crc32(body))


def write_run(folder: Path, histories: list[TrialHistory]) -> Path:
    """Write a run of these trials, and return its folder."""
    for number, history in enumerate(histories):
        history.write(folder / "trials" / f"{number:03d}", number)
    record = RunRecord(
        run="x",
        profile={"name": "x", "description": "By hand.", "slots": 1},
        seed=1,
        stack="none",
        stack_reason="by hand",
        baseline="background_tasks",
        planned=tuple(history.trial(number) for number, history in enumerate(histories)),
        machine={},
        versions={},
        git_commit="",
        started_at="",
        wall_minus_monotonic_ns=time.time_ns(),
        options={"broker": "none"},
        ended="ended",
    )
    (folder / "run.json").write_text(record.model_dump_json())
    return folder
