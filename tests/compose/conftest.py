"""The stack in containers, as it ships, for all tests of this folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from after202.hosts.alone import VARIABLE as LOCK
from tests.project import ROOT

UP_S, RUN_S = 1200, 900


def docker(*arguments: str, check: bool = True) -> str:
    """Run a docker command in the project, and return what it prints."""
    done = subprocess.run(
        ["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or not check, done.stderr
    return done.stdout + done.stderr


def volumes() -> set[str]:
    """Return every volume that there is, named or not."""
    return set(docker("volume", "ls", "--quiet").split())


@dataclass(frozen=True)
class Bench:
    """The command line, with a folder of its own for results."""

    results: Path

    def run(
        self, *arguments: str, timeout_s: float = RUN_S, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        with self.start(*arguments, **environment) as process:
            output, errors = process.communicate(timeout=timeout_s)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start it."""
        return subprocess.Popen(
            [sys.executable, "-m", "after202", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "COLUMNS": "120",
                "NO_COLOR": "1",
                LOCK: str(self.results.with_suffix(".lock")),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def measure(self, *arguments: str) -> Path:
        """Measure on the compose stack, and return the run's folder."""
        done = self.run("run", *arguments, "--results", str(self.results))
        assert done.returncode == 0, done.stderr
        assert "compose stack: its services are up" in done.stdout
        return (self.results / "latest").resolve()


@pytest.fixture(scope="session")
def engine() -> None:
    """Require an engine: without one nothing here can be tested."""
    try:
        docker("info")
    except (AssertionError, FileNotFoundError):
        pytest.exit("make test-compose needs a Docker engine that answers, and none does", 2)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Give the command line."""
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def up(engine: None) -> Iterator[None]:  # noqa: ARG001 - it must answer first
    """Bring the stack up as a user does, and down at the end."""
    done = subprocess.run(
        ["make", "up"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=UP_S
    )
    assert done.returncode == 0, done.stderr
    yield
    subprocess.run(["make", "down"], cwd=ROOT, capture_output=True, check=True)
