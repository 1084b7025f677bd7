"""`kill -9` at random moments: nothing is left running or lying about, and a run goes on."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.project import Project

pytestmark = [pytest.mark.attack, pytest.mark.processes]
KILLS = 30
SEED = int(os.environ.get("AFTER202_ATTACK_SEED", str(time.time_ns() % 10**6)))
# A kill falls into the start of a command, into its trials, or into its report.
LONGEST_S = 6.0
RESUME = ("run", "--resume", "latest")


def commands(profile: str) -> list[tuple[str, ...]]:
    """Return the commands that are killed, most often those that start processes."""
    report, validate = ("report", "latest"), ("validate", "queueing")
    return [("run", profile), RESUME, RESUME, RESUME, report, validate]


def kill(project: Project, arguments: tuple[str, ...], after_s: float) -> bool:
    """Kill a command after a while; return whether it was still running."""
    with project.start(*arguments) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    return process.returncode == -signal.SIGKILL


def _let_it_drain(profile: Path) -> None:
    """Give work the time that it may need on a machine that is busy with other attacks."""
    text = profile.read_text()
    assert "drain_s = 2" in text
    profile.write_text(text.replace("drain_s = 2", "drain_s = 60"))


def temporary(project: Project, scratch: Path) -> list[str]:
    """Return what a command leaves lying about: scratch folders, and files half written."""
    half = project.folder.joinpath("results").rglob("*.new")
    return sorted(path.name for path in [*scratch.glob("after202-*"), *half])


def test_a_kill_at_any_moment_leaves_nothing_behind(project: Project, scratch: Path) -> None:
    """30 kills one after the other, and in the end the run is complete and every job is there."""
    chance = random.Random(SEED)
    profile = project.profile(
        "background_tasks", "celery_queue", baseline="background_tasks", blocks=2
    )
    _let_it_drain(Path(profile))
    assert project.run("run", profile, timeout_s=240).returncode == 0
    before = temporary(project, scratch)
    killed = 0
    while killed < KILLS:
        arguments = chance.choice(commands(profile))
        after_s = chance.uniform(0.05, LONGEST_S if arguments[0] == "run" else LONGEST_S / 3)
        killed += kill(project, arguments, after_s)
        said = f"seed {SEED}, kill {killed}: {' '.join(arguments)} after {after_s:.2f} s"
        assert project.left_over() == [], said
        assert temporary(project, scratch) == before, said

    # Then what was interrupted goes on, and is whole
    begun = sorted(path.parent for path in project.folder.glob("results/2*/run.json"))
    assert begun
    for folder in begun:
        done = project.run("run", "--resume", folder.name, timeout_s=240)
        assert done.returncode == 0, f"seed {SEED}: {done.stderr}"
        checked = project.run("check", folder.name, "--jobs-only")
        assert checked.returncode == 0, f"seed {SEED}: {checked.stdout}"
    assert project.left_over() == []
