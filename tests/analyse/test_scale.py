"""The analysis of large runs: memory grows with a trial, not with the run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.analyse.big_run import write_big_run
from tests.project import ROOT

pytestmark = pytest.mark.processes

JOBS = 4000
FEW, MANY = 5, 30
REPORT = """
import resource, sys
from pathlib import Path
from after202.analyse.findings import checks
from after202 import report
from after202.records.folder import RunFolder
folder = RunFolder(Path(sys.argv[1]))
run = report.write(folder)
assert checks.check(folder).exit_code == 0
once = sum(trial.classes["once"] for trial in run.comparisons)
print(once, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def peak_bytes(folder: Path, trials: int) -> int:
    """Report and check a run of so many trials in a process of its own; return its peak memory."""
    write_big_run(folder, trials, JOBS)
    command = [sys.executable, "-c", REPORT, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    once, peak = map(int, done.stdout.split())
    assert once == trials * JOBS
    return peak


def test_memory_grows_with_a_trial_and_not_with_the_run(tmp_path: Path) -> None:
    """Six times the trials take less than half of their rows more."""
    few = peak_bytes(tmp_path / "few", FEW)
    many = peak_bytes(tmp_path / "many", MANY)
    row_bytes = 400  # a job's strings and numbers, in requests, events and jobs
    assert many - few < (MANY - FEW) * JOBS * row_bytes / 2
