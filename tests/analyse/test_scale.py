"""The analysis of large runs: memory grows by little with a trial, and not with the run."""

from pathlib import Path

import pytest

from tests.analyse.big_run import report, write_big_run

pytestmark = [pytest.mark.alone, pytest.mark.processes]

JOBS = 4000
FEW, MANY = 5, 30
LARGE = 1_000_000
# Its columns, and room for the parts of files that are in memory at a time.
MOST_BYTES_PER_JOB = 500


def peak_bytes(folder: Path, trials: int, jobs: int = JOBS) -> int:
    """Report and check a run in a process of its own; return its peak memory."""
    write_big_run(folder, trials, jobs)
    taken = report(folder)
    assert taken.once == trials * jobs
    return taken.peak_bytes


def test_memory_grows_with_a_trial_and_not_with_the_run(tmp_path: Path) -> None:
    """Six times the trials take less than half of their rows more."""
    few = peak_bytes(tmp_path / "few", FEW)
    many = peak_bytes(tmp_path / "many", MANY)
    row_bytes = 400  # a job's strings and numbers, in requests, events and jobs
    assert many - few < (MANY - FEW) * JOBS * row_bytes / 2


def test_a_large_trial_takes_little_memory_per_job(tmp_path: Path) -> None:
    """Neither its ledger nor its rows of requests are ever in memory as a whole."""
    small = peak_bytes(tmp_path / "small", 1)
    large = peak_bytes(tmp_path / "large", 1, LARGE)
    assert large - small < LARGE * MOST_BYTES_PER_JOB
