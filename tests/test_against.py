"""`--against`: a strategy beside itself, from another checkout or with another library."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pytest

from after202.records import requests
from tests.project import PACKAGES, Project

OTHER_VERSION = "3.10"
SLOWER = '''
_submit = STRATEGY.variants["documented"].submit


async def _slower(job: Job, background_tasks: BackgroundTasks) -> None:
    """Take three milliseconds longer to answer."""
    from workers.workloads.calibration import spin

    spin(3000)
    await _submit(job, background_tasks)


STRATEGY = Strategy(label=STRATEGY.label, documented=Variant(_slower))
'''


@pytest.fixture
def checkout(tmp_path: Path, project: Project) -> Path:
    """Give another checkout, whose BackgroundTasks answers later."""
    other = tmp_path / "elsewhere"
    for package in PACKAGES:
        shutil.copytree(project.folder / package, other / package)
    with (other / "apps" / "background_tasks.py").open("a") as file:
        file.write(SLOWER)
    return other


def median_ms(run: Path, strategy: str) -> float:
    """Return the median answer of a strategy's requests, whether its trials are valid or not."""
    found = [
        response_us / 1000
        for folder in run.resolve().glob(f"trials/*-{strategy}")
        for response_us in requests.read(folder, ["response_us"])["response_us"].to_pylist()
    ]
    return float(median(found))


def test_two_checkouts_are_compared_in_one_run(project: Project, checkout: Path) -> None:
    """The one that answers later does so in the figures, and is told by its label."""
    profile = project.profile("background_tasks", "inline", blocks=2)
    done = project.run(
        "run", profile, "--strategy", "background_tasks", "--against", str(checkout), timeout_s=300
    )
    assert done.returncode == 0, done.stderr

    run = project.folder / "results" / "latest"
    record = json.loads((run / "run.json").read_text())
    assert record["profile"]["baseline"] == "background_tasks"
    there = record["strategies"]["background_tasks_against"]
    assert there["label"] == "BackgroundTasks of elsewhere"
    assert there["against"] == str(checkout)
    here_ms, there_ms = (
        median_ms(run, name) for name in ("background_tasks", "background_tasks_against")
    )
    assert 2 < there_ms - here_ms < 20
    assert "BackgroundTasks of elsewhere" in (run / "REPORT.md").read_text()
    assert project.left_over() == []


def test_two_versions_of_a_library_are_compared_in_one_run(project: Project) -> None:
    """The other version is installed on top of what the strategy has, once."""
    wanted = f"idna=={OTHER_VERSION}"
    assert version("idna") != OTHER_VERSION
    profile = project.profile("background_tasks", "inline")
    arguments = (profile, "--strategy", "inline", "--against", wanted)
    done = project.run("run", *arguments, timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert f"Creating the environment of {wanted}" in done.stderr

    record = json.loads((project.folder / "results" / "latest" / "run.json").read_text())
    assert record["strategies"]["inline_against"]["label"] == f"Inline with idna {OTHER_VERSION}"
    assert list(record["strategies"]) == ["inline", "inline_against"]
    assert project.run("plan", *arguments).stderr == ""


def test_a_checkout_beside_itself_is_an_a_a_test(project: Project) -> None:
    """Both arms are the same then, and the folder is not taken for a library."""
    profile = project.profile("inline")
    done = project.run("plan", profile, "--strategy", "inline", "--against", ".", "--json")
    assert done.returncode == 0, done.stderr
    trials = json.loads(done.stdout)["trials"]
    assert {one["arm"]["strategy"] for one in trials} == {"inline", "inline_against"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--against", "celery=5.5"), "give a library's version, such as celery==5.5"),
        (("--against", "apps"), "the folder is not a checkout of after202"),
        (("--against", "rq==3"), "used by none of background_tasks, inline"),
        (("--against", "fastapi==0.1"), "choose one of background_tasks, inline with --strategy"),
        (("--against", "."), "choose one of background_tasks, inline with --strategy"),
        (
            ("--strategy", "inline", "--against", "idna==0.0.99"),
            "No matching distribution found for idna==0.0.99",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(
    project: Project, arguments: tuple[str, ...], said: str
) -> None:
    """Before anything starts, and nothing is left of an environment that cannot be made."""
    profile = project.profile("background_tasks", "inline")
    done = project.run("run", profile, *arguments)
    assert done.returncode == 2, done.stdout
    *_, last = done.stderr.splitlines()
    assert last.startswith("after202: ")
    assert said in last
    assert not list((project.folder / "results").iterdir())
    assert not list(project.folder.glob(".venv/strategies/*"))
