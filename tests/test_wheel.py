"""The package as it is installed: one top-level name, and a whole run in an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from after202 import __version__
from after202.hosts.alone import VARIABLE as LOCK
from tests.project import ROOT

RUN_S = 300
pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into a new environment that borrows the dependencies of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([python, "-m", "pip", "install", *options], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_it_adds_one_name_and_carries_what_users_write_in(wheel: Path) -> None:
    """Strategies, workloads and profiles are inside; no other top-level name is."""
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"after202", f"after202-{__version__}.dist-info"}
    for carried in (
        "apps/inline.py",
        "workers/rq_queue.py",
        "loadtests/profiles/quick.toml",
        "requirements/strategies/_rq2_queue.txt",
    ):
        assert f"after202/suite/{carried}" in names
    assert not any("__pycache__" in name for name in names)


def test_it_measures_every_strategy_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """`after202 run smoke` writes results/ where it is started, outside any checkout."""
    # Given an empty folder
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONPATH": "",
        LOCK: str(tmp_path / "lock"),
    }

    def after202(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installed / "after202", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )

    # When the installed command measures
    assert after202("--version").stdout == f"after202 {__version__}\n"
    done = after202("run", "smoke")
    assert done.returncode == 0, done.stderr

    # Then every strategy was measured by the installed code, and every job is accounted for
    latest = tmp_path / "results" / "latest"
    record = json.loads((latest / "run.json").read_text())
    assert record["git_commit"] == ""
    assert len(list(latest.glob("trials/*/trial.json"))) == len(record["strategies"]) == 6
    assert after202("check", "latest", "--jobs-only").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "results"]

    # And what needs a checkout says so
    refused = after202("run", "smoke", "--stack", "compose")
    assert refused.returncode == 2
    assert "no docker-compose.yml" in refused.stderr
    assert refused.stderr.count("\n") == 1
