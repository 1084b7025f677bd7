"""A copy of the project to run the real command line in, and what it leaves behind."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from after202.hosts.alone import VARIABLE as LOCK

ROOT = Path(__file__).parents[1]
PACKAGES = ("apps", "after202", "loadtests", "workers")
TRACE = "AFTER202_TRACE"
GONE_S = 15.0

TINY = """
description = "One short trial per strategy."
slots = 2
repeats = 0
baseline = "{baseline}"
strategies = [{strategies}]

[[comparison]]
workload = "login"
rate_per_s = 20
blocks = {blocks}
warm_up_s = 0.2
window_s = 1
drain_s = 2
turns = {turns}
"""


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    folder: Path
    trace: str

    def drop_in(self, strategy: Path, name: str) -> None:
        """Add a strategy as its author would: one file."""
        shutil.copy(strategy, self.folder / "apps" / f"{name}.py")

    def profile(
        self,
        *strategies: str,
        blocks: int = 1,
        baseline: str = "inline",
        turns: int = 1,
        then: str = "",
    ) -> str:
        """Write a tiny profile, perhaps with legs in TOML, and return its path."""
        path = self.folder / "tiny.toml"
        names = ", ".join(f'"{name}"' for name in strategies)
        values = {"blocks": blocks, "baseline": baseline, "turns": turns}
        path.write_text(TINY.format(strategies=names, **values) + then)
        return str(path)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `python -m after202` with the arguments, in this environment too."""
        return subprocess.Popen(
            [sys.executable, "-m", "after202", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                TRACE: self.trace,
                "COLUMNS": "80",
                "NO_COLOR": "1",
                LOCK: str(self.folder / "lock"),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str, timeout_s: float = 180, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `python -m after202` with the arguments to its end, in this environment too."""
        with self.start(*arguments, **environment) as process:
            output, errors = process.communicate(timeout=timeout_s)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def left_over(self) -> list[str]:
        """Return what still runs of what the command line started, once it had time to go."""
        deadline_s = time.monotonic() + GONE_S
        while (found := list(self._traced())) and time.monotonic() < deadline_s:
            time.sleep(0.1)
        return found

    def _traced(self) -> Iterator[str]:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                alive = process.status() != psutil.STATUS_ZOMBIE
                if alive and process.environ().get(TRACE) == self.trace:
                    yield " ".join(process.cmdline())


def copied(folder: Path) -> Project:
    """Copy the project to a new folder."""
    ignore = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=ignore)
    (folder / "results").mkdir()
    return Project(folder, uuid4().hex)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Give a copy of the project; whatever a test leaves running is ended."""
    copy = copied(tmp_path / "project")
    yield copy
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(TRACE) == copy.trace:
                process.kill()
