"""Strategies, brokers and faults are added as files alone, and run."""

import csv
import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.project import ROOT, Project

ADDED = ROOT / "tests" / "added"

MATRIX = """
description = "Faults on what was dropped in."
baseline = "{strategy}"
strategies = ["{strategy}"]
slots = 2
side_by_side = 4

[[matrix]]
faults = [{faults}]
durabilities = ["{durability}"]
rate_per_s = 6
window_s = 3
drain_s = 5
episodes = 1
"""


def drop_in(project: Project, *names: str) -> None:
    """Copy files into the project, each to its place."""
    for name in names:
        place = project.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ADDED / name, place)


def matrix(project: Project, strategy: str, durability: str, *faults: str) -> str:
    """Write a profile of faults on one strategy, and return its path."""
    path = project.folder / "faults.toml"
    named = ", ".join(f'"{fault}"' for fault in faults)
    path.write_text(MATRIX.format(strategy=strategy, faults=named, durability=durability))
    return str(path)


def completion(project: Project) -> dict[tuple[str, str], dict[str, str]]:
    """Return the newest run's counts, by strategy and fault."""
    path = project.folder / "results" / "latest" / "tables" / "completion.csv"
    with path.open() as file:
        return {(row["strategy"], row["fault"]): row for row in csv.DictReader(file)}


def trials(project: Project) -> list[dict[str, Any]]:
    """Return the newest run's stored trials."""
    files = (project.folder / "results" / "latest").resolve().glob("trials/*/trial.json")
    return [json.loads(path.read_text()) for path in sorted(files)]


def test_a_strategy_comes_from_a_file_anywhere(project: Project, tmp_path: Path) -> None:
    """A queue by its path, with its worker beside it, stands beside a strategy of the suite."""
    # Given a strategy and its worker in a folder of the user's own
    shutil.copytree(ADDED / "anywhere", tmp_path / "anywhere")
    mine = tmp_path / "anywhere" / "mine.py"

    # When it is compared
    done = project.run(
        "run", project.profile("inline"), "--strategy", "inline", "--strategy", str(mine)
    )
    assert done.returncode == 0, done.stderr

    # Then every job was done once, by its own worker
    rows = completion(project)
    for name in ("inline", "mine"):
        assert int(rows[name, "F0"]["once"]) == int(rows[name, "F0"]["accepted"]) > 10
    record = json.loads((project.folder / "results" / "latest" / "run.json").read_text())
    assert record["strategies"]["mine"]["label"] == "Mine"
    assert record["strategies"]["mine"]["worker"] == str(mine.with_name("mine_worker.py"))
    assert project.left_over() == []


def test_what_nobody_can_look_into_is_never_called_lost(project: Project, tmp_path: Path) -> None:
    """A queue without `held` leaves what was not done unseen, and the verdict unknown."""
    shutil.copytree(ADDED / "anywhere", tmp_path / "anywhere")
    profile = Path(matrix(project, "mine", "no persistence", "R2"))
    text = profile.read_text().replace('"mine"', f'"{tmp_path / "anywhere" / "mine.py"}"')
    profile.write_text(text.replace('baseline = "', 'baseline = "inline" #'))
    done = project.run("run", str(profile))
    assert done.returncode == 0, done.stderr
    row = completion(project)["mine", "R2"]
    assert int(row["unseen"]) > 0
    assert row["lost"] == "0"
    assert row["done_at_least_once"] == "unknown"


def test_two_versions_of_a_queue_are_measured_in_one_run(project: Project) -> None:
    """RQ 2 has an environment of its own, which is made once, and its own eyes into its queue."""
    shutil.copytree(ROOT / "requirements", project.folder / "requirements")
    profile = Path(matrix(project, "rq_queue", "save points", "F0"))
    text = profile.read_text().replace('["rq_queue"]', '["rq_queue", "_rq2_queue"]')
    profile.write_text(text)
    done = project.run("run", str(profile), timeout_s=600)
    assert done.returncode == 0, done.stderr
    assert "Creating the environment of _rq2_queue" in done.stderr
    assert list(project.folder.glob(".venv/strategies/_rq2_queue-*/complete"))
    assert project.run("plan", str(profile)).stderr == ""

    ran = {
        t["trial"]["arm"]["strategy"]: s["value"]
        for t in trials(project) for s in t["settings"] if s["name"] == "RQ"
    }  # fmt: skip
    assert ran["rq_queue"] == version("rq")
    assert ran["_rq2_queue"].startswith("2.")
    folder = project.folder / "results" / "latest"
    record = json.loads((folder / "run.json").read_text())
    assert list(record["environments"]) == ["_rq2_queue"]
    assert record["environments"]["_rq2_queue"]["rq"] == ran["_rq2_queue"]
    assert f"rq {ran['_rq2_queue']}" in (folder / "REPORT.md").read_text()
    for row in completion(project).values():
        assert int(row["once"]) == int(row["accepted"]) > 10
        assert row["done_at_least_once"] == "holds"
    assert project.left_over() == []


def test_a_broker_of_a_second_kind_is_a_file(project: Project) -> None:
    """It is started, asked, killed and looked into as Redis is."""
    # Given a broker, and a queue on it
    drop_in(project, "after202/brokers/lines.py", "apps/lines_queue.py", "workers/lines_queue.py")

    # When a worker is killed, and the broker is, with a journal
    done = project.run("run", matrix(project, "lines_queue", "journal", "F0", "W2", "R2"))
    assert done.returncode == 0, done.stderr

    # Then every episode is proven, and nothing that was accepted is lost
    rows = completion(project)
    assert {fault for _, fault in rows} == {"F0", "W2", "R2"}
    for row in rows.values():
        assert row["broker"] == "journal"
        assert int(row["accepted"]) > 5
        assert row["done_at_least_once"] == "holds", row
    assert all(trial["strike"]["proven"] for trial in trials(project))

    # And without a journal the broker's crash loses what waited
    done = project.run("run", matrix(project, "lines_queue", "no persistence", "R2"))
    assert done.returncode == 0, done.stderr
    assert int(completion(project)["lines_queue", "R2"]["lost"]) > 0
    assert project.left_over() == []


def test_a_fault_in_the_work_itself_is_a_file(project: Project) -> None:
    """A dropped-in T3 is known by what the jobs did, as T1 is."""
    drop_in(project, "loadtests/faults/t3_job_raises_each_time.py")
    done = project.run("run", matrix(project, "background_tasks", "save points", "T1", "T3"))
    assert done.returncode == 0, done.stderr
    rows = completion(project)
    assert int(rows["background_tasks", "T3"]["failed_visibly"]) > 5
    assert rows["background_tasks", "T3"]["verdict"] == rows["background_tasks", "T1"]["verdict"]
    assert "unknown  " not in project.run("check", "latest").stdout
