"""A session of claims: what it tries, keeps, goes on with and says."""

import csv
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from after202.claims import session
from after202.claims.lab import Lab
from after202.claims.session import Task
from after202.hosts import cpus
from after202.hosts.cpus import CpuSets
from after202.hosts.guard import guarded_scratch
from after202.kernel.errors import TrialError, UsageError
from after202.report import claims as report
from loadtests import claims
from loadtests.claims import CannotRunError, Evidence

if TYPE_CHECKING:
    from after202.records.claims import ClaimRecord

NUMBER = 2
pytestmark = pytest.mark.processes


@pytest.fixture
def sets() -> CpuSets:
    """Return sets that let everything run anywhere."""
    return cpus.anywhere(cpus.share_out(cpus.available_cpus()))


def _task(experiment: object = None) -> Task:
    (listed,) = session.chosen([NUMBER])
    claim = claims.load(listed.name)
    return Task(listed, replace(claim, experiment=experiment) if experiment else claim)  # type: ignore[arg-type]


def test_a_session_stores_each_claim_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """What was tried is not tried again; the table and the pages say what came out."""
    folder = session.new(tmp_path, [NUMBER], [])
    told: list[ClaimRecord] = []
    session.carry_out(folder, lambda found, *_: told.append(found))
    (found,) = told
    assert (found.number, found.verdict) == (NUMBER, claims.TRUE)
    assert found.versions.keys() == set(claims.WEB)
    session.carry_out(folder, lambda found, *_: told.append(found))
    assert len(told) == 1
    report.write(folder)
    (row,) = csv.DictReader(folder.table.read_text(encoding="utf-8").splitlines())
    assert (row["number"], row["verdict"], row["runs"]) == ("2", "true", "1")
    assert "One at a time" in folder.page(report.INDEX).read_text(encoding="utf-8")


def test_with_another_version_it_runs_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """The row has that version, and the usual one stands beside it."""
    folder = session.new(tmp_path, [NUMBER], ["fastapi==0.115.0"])
    told: list[ClaimRecord] = []
    session.carry_out(folder, lambda found, *_: told.append(found))
    by_version = {found.versions["fastapi"]: found.also for found in told}
    assert by_version.pop("0.115.0") == "fastapi==0.115.0"
    assert list(by_version.values()) == [""]


def test_what_is_no_version_and_no_claim_is_refused(tmp_path: Path) -> None:
    """In one line, before anything is made."""
    with pytest.raises(UsageError, match="there is no claim 99"):
        session.new(tmp_path, [99], [])
    with pytest.raises(UsageError, match="give a library's version"):
        session.new(tmp_path, [NUMBER], ["fastapi=0.1"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CannotRunError("there is no second core"), "there is no second core"),
        (TrialError("'ends' was not marked"), session.NO_END + "'ends' was not marked"),
    ],
)
def test_what_could_not_be_tried_is_a_row_with_the_reason(
    tmp_path: Path, sets: CpuSets, error: Exception, reason: str
) -> None:
    """Never a verdict."""

    def experiment(_: Lab) -> Evidence:
        raise error

    found = session.attempt(_task(experiment), tmp_path, sets, {})
    assert (found.verdict, found.reason) == ("", reason)
    assert report.for_terminal([found])[-1] == f"{NUMBER} was not tried: {reason}"


def test_whatever_an_experiment_starts_ends_with_it(tmp_path: Path, sets: CpuSets) -> None:
    """Even if it fails half way: a server, a broker, a database and a worker."""
    module = "loadtests.claims.c02_tasks_run_in_order"
    lab = Lab(module, tmp_path / "lab", sets)
    before = set(_children())
    with guarded_scratch(), lab:
        started = [lab.redis().pid, lab.serve().pid]
        lab.postgres()
        with pytest.raises(TrialError, match="was not marked"):
            lab.wait_for("what never comes", timeout_s=0.1)
    left = [one.name() for one in set(_children()) - before]
    assert [pid for pid in started if psutil.pid_exists(pid)] == []
    assert [name for name in left if name.startswith(("postgres", "valkey"))] == []


def _children() -> list[psutil.Process]:
    """Return the processes that this one has started, and theirs."""
    return psutil.Process(os.getpid()).children(recursive=True)


def test_a_bystander_is_asked_on_time_whatever_the_others_wait_for(
    tmp_path: Path, sets: CpuSets
) -> None:
    """Requests fall due while the server is frozen, and each counts from then."""
    with Lab("loadtests.claims.c02_tasks_run_in_order", tmp_path / "lab", sets) as lab:
        server = lab.serve()
        with server.probing("/openapi.json") as times_ms:
            time.sleep(0.3)
            server.freeze()
            time.sleep(1)
            server.thaw()
            time.sleep(0.3)
    late = [took_ms for took_ms in times_ms if took_ms > 100]
    assert max(times_ms) >= 900
    assert len(late) >= 20
