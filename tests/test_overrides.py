"""A profile's overrides on a real stack: they reach API and worker, and stand by every figure."""

import csv
import json
from itertools import pairwise
from pathlib import Path

from tests.project import Project

PROFILE = """
description = "Celery that acknowledges late, killed twice."
baseline = "celery_queue"
strategies = ["celery_queue"]
slots = 2

[variant.celery_queue.documented]
task_acks_late = true
task_reject_on_worker_lost = true
worker_prefetch_multiplier = 1
visibility_timeout = 2
unacked_restore_interval = 1
unacked_restore_throttle = 1

[fault.W8]
times = 2
every_s = 6
phase_s = 0

[[matrix]]
faults = ["W8"]
workload = "slow"
rate_per_s = 3
window_s = 9
episodes = 1
"""
GIVEN = "task_acks_late = true, task_reject_on_worker_lost = true"


def profile(project: Project, text: str = PROFILE) -> str:
    """Write a profile and return its path."""
    path = project.folder / "overridden.toml"
    path.write_text(text)
    return str(path)


def test_overrides_reach_the_worker_and_the_fault_and_are_told(project: Project) -> None:
    """Documented Celery loses what a killed worker had; with these settings it is done again."""
    done = project.run("run", profile(project), timeout_s=300)
    assert done.returncode == 0, done.stderr
    latest = project.folder / "results" / "latest"
    (path,) = latest.glob("trials/*/trial.json")
    record = json.loads(path.read_text())

    # The worker was told: it redelivered, within the bound that the API states for the horizon
    assert record["strike"]["redelivery_s"] == 3
    (row,) = completion(latest)
    assert int(row["begun_again"]) > 0
    assert int(row["lost"]) <= 2  # a message that a worker is just being handed is nobody's

    # The fault struck as often as the profile says, and as far apart
    struck = [mark["at_us"] for mark in record["strike"]["marks"] if mark["what"] == "struck"]
    assert len(struck) == 2
    assert all(later - earlier >= 6e6 for earlier, later in pairwise(struck))

    # And both are told wherever a figure stands
    assert row["variant"].startswith(f"documented ({GIVEN}")
    assert row["parameters"] == "times = 2, every_s = 6, phase_s = 0"
    report = (latest / "REPORT.md").read_text()
    assert f"({GIVEN}" in report
    assert "Set by the profile: times = 2, every_s = 6, phase_s = 0." in report
    stored = json.loads((latest / "run.json").read_text())["profile"]
    assert stored["variant"]["celery_queue"]["documented"]["visibility_timeout"] == 2
    assert project.left_over() == []


def completion(run: Path) -> list[dict[str, str]]:
    """Return the rows of completion.csv."""
    with (run / "tables" / "completion.csv").open() as file:
        return list(csv.DictReader(file))


def test_plan_and_run_refuse_the_same_in_one_line(project: Project) -> None:
    """Nothing is started."""
    path = profile(project, PROFILE.replace("worker_prefetch_multiplier", "prefetch"))
    for command in ("plan", "run"):
        done = project.run(command, path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "variant.celery_queue.documented: unknown 'prefetch': a profile may" in done.stderr
    assert list((project.folder / "results").iterdir()) == []
