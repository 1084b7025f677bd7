"""The rows of requests are on the disk while the load runs, whatever becomes of its process."""

import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from after202.records.experiment import Outcome
from after202.records.request_log import Requests, convert
from after202.records.rows import PIECE_ROWS
from tests.project import ROOT

ROWS = 3 * PIECE_ROWS + 5
KILLED = f"""
import os, signal, sys
from pathlib import Path
from uuid import UUID
from after202.records.request_log import Requests
rows = Requests.of_process(Path(sys.argv[1]), 0)
places = [rows.send(0, str(UUID(int=n)), n * 1000, n * 1000) for n in range({ROWS})]
for n in range(0, {ROWS}, 2):
    rows.end(places[n], 0, (n * 1000, n * 1000 + 7000), 202, 0)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.processes
def test_a_process_that_is_killed_loses_no_row(tmp_path: Path) -> None:
    """What was answered is as it was answered; what was only sent is unknown."""
    # Given a process that is killed after it sent some requests, half of which were answered
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    # When its rows are converted
    assert convert(tmp_path)

    # Then each is there, and nothing else is
    assert [path.name for path in tmp_path.iterdir()] == ["requests-0.parquet"]
    rows = pd.read_parquet(tmp_path / "requests-0.parquet")
    assert list(rows["due_us"]) == list(range(ROWS))
    answered = rows[rows["due_us"] % 2 == 0]
    assert set(answered["outcome"]) == {Outcome.ACCEPTED}
    assert set(answered["response_us"]) == {7}
    sent = rows[rows["due_us"] % 2 == 1]
    assert set(sent["outcome"]) == {Outcome.UNKNOWN}
    assert set(sent["response_us"]) == {-1}
    assert not convert(tmp_path)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """A piece is unmapped once its requests are answered; one that waits keeps its own alone."""
    rows = Requests.of_process(tmp_path, 0)
    waiting = rows.send(0, "", 0, 0)
    for _ in range(10 * PIECE_ROWS):
        rows.record(0, "", (0, 0, 1), 202, 0)
    mapped = Path("/proc/self/maps").read_text().count(str(tmp_path / "requests-0.rows"))
    assert mapped == 2
    del waiting


def test_a_torn_row_is_none(tmp_path: Path) -> None:
    """A process that ended in the middle of a row has not sent its request."""
    rows = Requests.of_process(tmp_path, 0)
    rows.record(0, "", (5000, 5000, 6000), 202, 0)
    piece, start = rows.send(0, "", 9000, 9000)
    piece[start + 63] = 0
    del rows
    convert(tmp_path)
    assert list(pd.read_parquet(tmp_path / "requests-0.parquet")["due_us"]) == [5]
