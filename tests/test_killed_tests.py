"""The tests leave nothing behind either, however they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import ROOT, TRACE, Project

BEGUN_S = 120.0
WAITS = """
import time
from pathlib import Path


def test_waits(services):
    Path({mark!r}).touch()
    time.sleep(600)
"""


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_tests_that_are_ended_leave_no_process(
    project: Project, tmp_path: Path, by: signal.Signals
) -> None:
    """Their mail server, their databases and their brokers go with them."""
    # Given tests whose services are up
    begun, test = tmp_path / "begun", tmp_path / "test_waits.py"
    test.write_text(WAITS.format(mark=str(begun)))
    options = ["-p", "tests.conftest", "--rootdir", str(tmp_path)]
    running = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, str(test)],
        cwd=ROOT,
        env={**os.environ, TRACE: project.trace},
        stdout=subprocess.DEVNULL,
    )
    deadline_s = time.monotonic() + BEGUN_S
    while not begun.exists():
        assert running.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.1)

    # When they are ended from outside
    running.send_signal(by)
    running.wait()

    # Then nothing goes on
    assert project.left_over() == []
