"""A synthetic run of any size, to see how the analysis grows: `python -m tests.analyse.big_run`.

The files are those that the measuring half writes; times are drawn from a seed.
"""

import sys
from pathlib import Path
from uuid import UUID

import numpy as np

from after202.analyse.jobs.history import RECORD, crc32
from after202.kernel.ledger import JOINED, MAGIC, EventKind
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import RunFolder, TrialFolder
from after202.records.profile import ComparisonPlan, Profile
from after202.records.requests import ROWS, convert
from after202.records.rows import FIRST_STREAM, ROW
from after202.records.run import BROKER, ENDED, RunRecord
from after202.records.trial import Comparison, Counts, Load, TrialRecord, Usage
from tests.analyse.run_folder import OFFER

STRATEGIES = ("background_tasks", "celery_queue", "gather", "inline", "rq_queue")
STEPS = len(OFFER.steps)
RATE_PER_S = 1000.0
PROFILE = Profile(
    description="Synthetic.",
    slots=1,
    comparison=(ComparisonPlan(workload="login", rate_per_s=RATE_PER_S, blocks=1, window_s=1),),
)


def write_big_run(path: Path, trials: int, jobs: int) -> RunFolder:
    """Write a run of so many trials of so many jobs each, and return its folder."""
    folder = RunFolder(path)
    planned = [_trial(number) for number in range(trials)]
    for trial in planned:
        _write_trial(folder.trial(trial.id), trial, jobs)
    record = RunRecord(
        run="big",
        profile_name="big",
        profile=PROFILE,
        stack="none",
        stack_reason="synthetic",
        planned=tuple(planned),
        machine={},
        versions={},
        git_commit="",
        started_at="",
        wall_minus_monotonic_ns=0,
        options={BROKER: "none"},
        ended=ENDED,
    )
    folder.write(record)
    return folder


def _trial(number: int) -> Comparison:
    strategy = STRATEGIES[number % len(STRATEGIES)]
    return Comparison(
        id=f"{number:03d}",
        block=number // len(STRATEGIES),
        arm=Arm(strategy=strategy, workload="login", rate_per_s=RATE_PER_S),
        seed=number,
        arrivals=Arrivals.POISSON,
        warm_up_s=0,
        window_s=1,
        drain_s=1,
        bystander_per_s=0,
        slots=1,
    )


def _write_trial(folder: TrialFolder, trial: Comparison, jobs: int) -> None:
    folder.empty()
    random = np.random.default_rng(trial.seed)
    due_ns = 10**12 + np.cumsum(random.exponential(1e9 / RATE_PER_S, jobs)).astype("int64")
    answered_ns = due_ns + random.lognormal(14, 0.3, jobs).astype("int64")
    ids = [bytes(8) + trial.seed.to_bytes(4) + number.to_bytes(4) for number in range(jobs)]
    rows = np.zeros(jobs, ROW)
    rows["due_us"], rows["slip_us"] = due_ns // 1000, 100
    rows["response_us"] = (answered_ns - due_ns) // 1000
    rows["status"], rows["stream"] = 202, FIRST_STREAM
    rows["job_id"] = [str(UUID(bytes=job_id)) for job_id in ids]
    rows.tofile(folder.path / ROWS.replace("*", "0"))
    convert(folder.path)
    (folder.ledger / JOINED).write_bytes(_events(ids, answered_ns))
    counts = Counts(scheduled=jobs, sent=jobs, answered=jobs, accepted=jobs)
    load = Load(
        load_start_us=0, window_start_us=0, window_end_us=2**50, load_end_us=2**50,
        counts=counts, dropped=0,
        cpu_s=1, recording_cpu_s=0.001,
    )  # fmt: skip
    record = TrialRecord(
        trial=trial, valid=True, reasons=(), started_at="", offer=OFFER, load=load, drained=True,
        usage={"api": Usage(cpu_s=0.4, peak_memory_bytes=2**26)}, timing_s={"outside": 2.0},
    )  # fmt: skip
    folder.store(record)


def _events(ids: list[bytes], answered_ns: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> bytes:
    """Return the ledger of jobs whose steps each started and ended."""
    records = np.zeros(len(ids) * STEPS * 2, RECORD)
    records["magic"] = MAGIC
    records["job_id"] = np.repeat(np.array(ids, "V16"), STEPS * 2)
    records["step"] = np.tile(np.repeat(np.arange(STEPS), 2), len(ids))
    records["kind"] = np.tile([EventKind.START, EventKind.END], len(ids) * STEPS)
    records["at_ns"] = np.repeat(answered_ns, STEPS * 2) + np.tile(np.arange(STEPS * 2), len(ids))
    records["crc"] = crc32(records.tobytes(), len(records))
    return records.tobytes()


if __name__ == "__main__":
    write_big_run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
