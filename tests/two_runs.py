"""Two real runs of one profile in a copy of the project, whose Celery is edited in between."""

import json
from typing import Any

from tests.project import Project

PROFILE = """
description = "Celery beside the baseline."
slots = 4
repeats = 2
strategies = ["background_tasks", "celery_queue"]

[[comparison]]
workload = "{workload}"
rate_per_s = {rate_per_s}
blocks = {blocks}
warm_up_s = 0.5
window_s = {window_s}
drain_s = 60
"""
DROPPING = '''

def forgetful(submit):
    """Drop every 200th job."""

    async def changed(job, tasks):
        if job.number is None or job.number % 200:
            await submit(job, tasks)

    return changed


STRATEGY = STRATEGY.with_submit("Celery", forgetful)
'''
SPINNING = '''

def slower(submit):
    """Spin before each job is submitted."""

    async def changed(job, tasks):
        spin({spin_us})
        await submit(job, tasks)

    return changed


from workers.workloads.calibration import spin  # noqa: E402

STRATEGY = STRATEGY.with_submit("Celery", slower)
'''


def profile(
    project: Project, workload: str, rate_per_s: float, blocks: int, window_s: float
) -> str:
    """Write the profile and return its path."""
    path = project.folder / "two.toml"
    path.write_text(
        PROFILE.format(workload=workload, rate_per_s=rate_per_s, blocks=blocks, window_s=window_s)
    )
    return str(path)


def measured(project: Project, name: str, timeout_s: float) -> str:
    """Measure a profile and return the run's name."""
    done = project.run("run", name, "--wait", timeout_s=timeout_s)
    assert done.returncode == 0, done.stderr
    return (project.folder / "results" / "latest").resolve().name


def edit(project: Project, addition: str) -> None:
    """Add to the copy's Celery."""
    with (project.folder / "apps" / "celery_queue.py").open("a") as file:
        file.write(addition)


def compared(project: Project, before: str, after: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of `compare` and what it prints as JSON."""
    done = project.run("compare", before, after, "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def summary(project: Project, run: str) -> dict[str, Any]:
    """Return a run's summary."""
    path = project.folder / "results" / run / "summary.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found
