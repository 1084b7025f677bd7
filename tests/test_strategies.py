"""Every strategy of the suite keeps the contract, by the command that its author would use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from after202.hosts.alone import VARIABLE as LOCK
from apps import registry
from tests.project import ROOT

pytestmark = [pytest.mark.strategies, pytest.mark.processes]
TIMEOUT_S = 1200
USAGE, NOT_HERE = 2, "is not available here"


@pytest.mark.parametrize("strategy", registry.names())
def test_a_strategy_keeps_the_contract(strategy: str, tmp_path: Path) -> None:
    """Its checks pass, or say why they could not be tried; one that cannot run here is skipped."""
    done = subprocess.run(
        [sys.executable, "-m", "after202", "check-strategy", strategy, "--results", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, LOCK: str(tmp_path / "lock"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    if done.returncode == USAGE and NOT_HERE in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
