"""A run whose results are on a small disk that fills up in the midst of a trial."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from after202.kernel.ledger import read_folder
from after202.records.folder import LEAST_FREE_BYTES
from tests.project import ROOT, Project

SIZE_BYTES = LEAST_FREE_BYTES + 2**24
CHUNK = b"\0" * 2**20
BEGUN_S = 240.0
LEDGER_DISK_BYTES = 2**20

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")


@pytest.fixture
def small_disk(project: Project) -> Iterator[Path]:
    """Have the project's results on a disk with room for little more than the required space."""
    with mounted(project.folder / "results", SIZE_BYTES) as folder:
        yield folder


@contextmanager
def mounted(folder: Path, size_bytes: int) -> Iterator[Path]:
    """Have a disk of this size at a folder."""
    options = ["-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)]
    subprocess.run(["/bin/mount", *options], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the space that is left."""
    path = disk / "somebody-elses-file"
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(CHUNK):
                pass
        except OSError:
            return path
    return path


def wait_for_a_trial_after_another(disk: Path) -> dict[Path, bytes]:
    """Return the records of the stored trials, of one at least, once the next is under load."""
    deadline_s = time.monotonic() + BEGUN_S
    while not (
        (stored := list(disk.glob("2*/trials/*/trial.json")))
        and len(list(disk.glob("2*/trials/*/ledger/*.led"))) > len(stored)
    ):
        assert time.monotonic() < deadline_s, "no second trial in time"
        time.sleep(0.05)
    return {path: path.read_bytes() for path in stored}


def test_a_full_disk_costs_one_trial_and_one_line(project: Project, small_disk: Path) -> None:
    """The run ends with one line, keeps what is whole, and goes on once there is room."""
    # Given a run of which some trials are stored and the next is under load
    process = project.start("run", project.profile("inline", "background_tasks", blocks=2))
    kept = wait_for_a_trial_after_another(small_disk)

    # When the disk fills up
    taken = fill(small_disk)
    output, errors = process.communicate(timeout=120)

    # Then that is said in one line, what was stored stays, and nothing goes on
    assert process.returncode == 2, output + errors
    assert errors.count("\n") == 1, errors
    assert "--resume" in errors
    assert "Traceback" not in output + errors
    stored = {path: path.read_bytes() for path in small_disk.glob("2*/trials/*/trial.json")}
    assert stored == kept
    assert project.left_over() == []

    # And with room again the run goes on
    taken.unlink()
    done = project.run("run", "--resume", "latest")
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in kept} == kept
    record = json.loads((small_disk / "latest" / "run.json").read_text())
    assert record["ended"] == "ended"
    assert len(list(small_disk.glob("2*/trials/*/trial.json"))) == len(record["planned"])
    assert project.run("check", "latest", "--jobs-only").returncode == 0


@pytest.mark.processes
def test_a_ledger_on_a_full_disk_is_an_error_and_no_signal(tmp_path: Path) -> None:
    """A process that writes to memory without a disk behind it is killed by SIGBUS."""
    with mounted(tmp_path, LEDGER_DISK_BYTES) as disk:
        command = [sys.executable, "-m", "tests.ledger_writer", "full", str(disk)]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=60)
        (file,) = read_folder(disk)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(file.events) > 0
    assert (file.torn_tail_bytes, file.corrupt_records) == (0, 0)
