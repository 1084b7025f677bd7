"""A run that was really measured, once per session, and copies of it to damage."""

from pathlib import Path

import pytest

from after202.analyse.findings.judged import CheckResult
from after202.records.folder import RunFolder
from tests.attack import stored


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Measure a small run with the command line; no test may change it."""
    return stored.measure(tmp_path_factory.mktemp("measured"))


@pytest.fixture(scope="session")
def sound(measured: RunFolder) -> CheckResult:
    """Judge the run as it was measured."""
    return stored.judged(measured)


@pytest.fixture
def run(measured: RunFolder, tmp_path: Path) -> RunFolder:
    """Give a copy of the run."""
    return stored.copied(measured, tmp_path)
