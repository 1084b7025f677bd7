"""What the analysis of a large run takes: time and peak memory.

    python -m tests.analyse.big_run JOBS TRIALS

A synthetic run of so many jobs, in so many trials, is written to a temporary folder, and reported
and checked by a process of its own. The files are those that the measuring half writes; times and
ids are drawn from a seed.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

import numpy as np

from after202.analyse.jobs import ids
from after202.analyse.jobs.ids import Ids
from after202.analyse.jobs.ledgers import RECORD, crc32
from after202.kernel.ledger import JOINED, MAGIC, EventKind
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import RunFolder, TrialFolder
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from after202.records.request_log import ROWS, convert
from after202.records.rows import FIRST_STREAM, ROW
from after202.records.run import BROKER, ENDED, RunRecord
from after202.records.trial import Comparison
from after202.records.trial_record import Counts, Load, TrialRecord, Usage
from tests.analyse.run_folder import OFFER
from tests.project import ROOT

STRATEGIES = ("background_tasks", "celery_queue", "gather", "inline", "rq_queue")
STEPS = len(OFFER.steps)
RATE_PER_S = 1000.0
# Written together, so that writing a run needs little memory too.
TOGETHER = 2**17
REPORT = """
import resource, sys, time
from pathlib import Path
from after202.analyse.findings import checks
from after202 import report
from after202.records.folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
begun_s = time.monotonic()
run = report.write(folder)
took_s = time.monotonic() - begun_s
assert checks.judge(run).exit_code == 0
once = sum(trial.classes["once"] for trial in run.comparisons)
used = resource.getrusage(resource.RUSAGE_SELF)
print(once, took_s, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


class Taken(NamedTuple):
    """What reporting a run took, and how many jobs were found done once."""

    once: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


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
    due_ns = 10**12
    with (
        (folder.path / ROWS.replace("*", "0")).open("wb") as rows,
        (folder.ledger / JOINED).open("wb") as ledger,
    ):
        for first in range(0, jobs, TOGETHER):
            due_ns = _write_jobs(rows, ledger, random, min(TOGETHER, jobs - first), due_ns)
    convert(folder.path)
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


def _write_jobs(
    rows: BinaryIO, ledger: BinaryIO, random: np.random.Generator, jobs: int, begin_ns: int
) -> int:
    """Write jobs that are due from a time on; return when the last one is due."""
    due_ns = begin_ns + np.cumsum(random.exponential(1e9 / RATE_PER_S, jobs)).astype("int64")
    response_ns = random.lognormal(14, 0.3, jobs).astype("int64")
    job_ids = np.frombuffer(random.bytes(jobs * ids.ID.itemsize), ids.ID)
    asked = np.zeros(jobs, ROW)
    asked["due_us"], asked["slip_us"] = due_ns // 1000, 100
    asked["response_us"] = response_ns // 1000
    asked["status"], asked["stream"] = 202, FIRST_STREAM
    asked["job_id"] = ids.texts(job_ids).to_numpy(zero_copy_only=False)
    rows.write(asked.tobytes())
    ledger.write(_events(job_ids, due_ns + response_ns))
    return int(due_ns[-1])


def _events(job_ids: Ids, answered_ns: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> bytes:
    """Return the ledger of jobs whose steps each started and ended."""
    records = np.zeros(len(job_ids) * STEPS * 2, RECORD)
    records["magic"] = MAGIC
    records["job_id"] = np.repeat(job_ids, STEPS * 2)
    records["step"] = np.tile(np.repeat(np.arange(STEPS), 2), len(job_ids))
    records["kind"] = np.tile([EventKind.START, EventKind.END], len(job_ids) * STEPS)
    records["at_ns"] = np.repeat(answered_ns, STEPS * 2) + np.tile(
        np.arange(STEPS * 2), len(job_ids)
    )
    records["crc"] = crc32(records.tobytes(), len(records))
    return records.tobytes()


def report(folder: Path) -> Taken:
    """Report and check a run in a process of its own; return what that took."""
    command = [sys.executable, "-c", REPORT, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    once, wall_s, cpu_s, peak_bytes = done.stdout.split()
    return Taken(int(once), float(wall_s), float(cpu_s), int(peak_bytes))


def main(jobs: int, trials: int) -> None:
    """Print what reporting so many jobs in so many trials takes."""
    with TemporaryDirectory() as name:
        write_big_run(Path(name), trials, jobs // trials)
        taken = report(Path(name))
    sys.stdout.write(
        f"{taken.once:,} jobs in {trials:,} trials: {taken.wall_s:.1f} s,"
        f" {taken.cpu_s:.1f} CPU-s, at most {taken.peak_bytes / 2**20:,.0f} MiB\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
