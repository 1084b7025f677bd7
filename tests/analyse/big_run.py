"""A synthetic run of any size, to see how the analysis grows: `python -m tests.analyse.big_run`.

The files are those that the measuring half writes; times are drawn from a seed.
"""

import sys
from pathlib import Path
from uuid import UUID

import numpy as np

from after202.analyse.jobs.history import RECORD, crc32
from after202.kernel.ledger import MAGIC, EventKind
from after202.records.experiment import Arm, Arrivals, Trial
from after202.records.trial import Counts, Load, RunRecord, TrialRecord, Usage
from loadtests.recorder import Recorder
from tests.analyse.run_folder import OFFER

STRATEGIES = ("background_tasks", "celery_queue", "gather", "inline", "rq_queue")
STEPS = len(OFFER.steps)
RATE_PER_S = 1000.0


def write_big_run(folder: Path, trials: int, jobs: int) -> Path:
    """Write a run of so many trials of so many jobs each, and return its folder."""
    planned = [_trial(number) for number in range(trials)]
    for trial in planned:
        _write_trial(folder / "trials" / trial.id, trial, jobs)
    record = RunRecord(
        run="big",
        profile={"name": "big", "description": "Synthetic.", "slots": 1},
        seed=202,
        stack="none",
        stack_reason="synthetic",
        baseline="background_tasks",
        planned=tuple(planned),
        machine={},
        versions={},
        git_commit="",
        started_at="",
        wall_minus_monotonic_ns=0,
        options={"broker": "none"},
        ended="ended",
    )
    (folder / "run.json").write_text(record.model_dump_json())
    return folder


def _trial(number: int) -> Trial:
    strategy = STRATEGIES[number % len(STRATEGIES)]
    return Trial(
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


def _write_trial(folder: Path, trial: Trial, jobs: int) -> None:
    (folder / "ledger").mkdir(parents=True)
    random = np.random.default_rng(trial.seed)
    due_ns = 10**12 + np.cumsum(random.exponential(1e9 / RATE_PER_S, jobs)).astype("int64")
    answered_ns = due_ns + random.lognormal(14, 0.3, jobs).astype("int64")
    ids = [bytes(8) + trial.seed.to_bytes(4) + number.to_bytes(4) for number in range(jobs)]
    recorder = Recorder()
    recorder.due_us.extend((due_ns // 1000).tolist())
    recorder.slip_us.extend([100] * jobs)
    recorder.response_us.extend(((answered_ns - due_ns) // 1000).tolist())
    recorder.status.extend([202] * jobs)
    recorder.outcome.extend([0] * jobs)
    recorder.stream.extend([0] * jobs)
    recorder.job_id.extend(str(UUID(bytes=job_id)) for job_id in ids)
    recorder.write(folder, 0)
    (folder / "ledger" / "joined.led").write_bytes(_events(ids, answered_ns))
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
    (folder / "trial.json").write_text(record.model_dump_json())


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
