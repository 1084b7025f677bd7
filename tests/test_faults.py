"""Faults on real stacks: what they do is proven, and known answers are counted exactly."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
import redis

from after202.hosts import environments
from after202.hosts.cpus import CpuSets
from after202.hosts.guard import guarded
from after202.hosts.processes import MARK
from after202.kernel.model import StrategyFacts
from after202.measure.watch.strangers import Lookout
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import TrialFolder
from after202.records.trial import Comparison
from after202.stacks.embedded.services import EmbeddedServices
from after202.stacks.interface import Stack
from loadtests import faults
from loadtests.faults import r4_connections_reset, w8_worker_killed_again
from loadtests.faults.d1_database_crashes import RECOVERS
from tests.project import Project

ANYWHERE = CpuSets((), (), (), ())
IN_PROCESS = ["F0", "A1", "A2", "A3", "N1", "D1"]
QUEUED = [
    "A3", "W1", "W2", "W3", "W4", "W5", "W7", "W8", "W9", "R1", "R2", "R3", "R4", "R5", "R6", "R7",
    "D1", "T2",
]  # fmt: skip
# So often a worker and its broker may lose each other while a message is on its way between them:
# a worker takes it from the list by one command and notes it by the next.
HANDED_OVER = {
    **dict.fromkeys(["W2", "W3", "W5", "W7", "W9", "R1", "R2", "R3", "R5", "R6", "R7"], 1),
    "R4": r4_connections_reset.RESETS,
    "W8": w8_worker_killed_again.KILLS,
}

MATRIX = """
description = "Known answers in faults."
baseline = "{strategies[0]}"
strategies = [{names}]
slots = 2
side_by_side = {at_once}

[[matrix]]
faults = [{faults}]
variants = ["{variant}"]
durabilities = ["AOF always"]
workload = "{workload}"
rate_per_s = {rate}
window_s = 4
fault_after_s = 1.2
episodes = 1
"""


def profile(project: Project, chosen: list[str], strategies: list[str], **more: object) -> str:
    """Write a profile with a matrix and return its path."""
    values: dict[str, Any] = {
        "variant": "documented", "workload": "slow", "rate": 7, "at_once": 4, **more,
    }  # fmt: skip
    text = MATRIX.format(
        strategies=strategies,
        names=", ".join(f'"{name}"' for name in strategies),
        faults=", ".join(f'"{name}"' for name in chosen),
        **values,
    )
    path = project.folder / "matrix.toml"
    path.write_text(text)
    return str(path)


def run(project: Project, path: str) -> tuple[Path, dict[tuple[str, str], dict[str, str]]]:
    """Run the profile; return its folder, and the rows of completion.csv by strategy and fault."""
    done = project.run("run", path, timeout_s=600)
    assert done.returncode == 0, done.stderr
    latest = project.folder / "results" / "latest"
    with (latest / "tables" / "completion.csv").open() as file:
        return latest, {(row["strategy"], row["fault"]): row for row in csv.DictReader(file)}


def numbers(latest: Path, strategy: str, fault: str, kind: str) -> list[int]:
    """Return the numbers of an episode's jobs in a class."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = pq.read_table(latest / "tables" / "jobs.parquet").to_pylist()
    mark = f"-{fault}-{strategy}-"
    return sorted(
        int(row["job_id"].replace("-", "")[16:], 16)
        for row in rows
        if mark in row["trial"] and row["outcome_class"] == kind
    )


def test_there_is_a_file_for_every_fault_and_each_says_what_it_does() -> None:
    """The folder is the registry."""
    assert " ".join(faults.ids()) == (
        "A1 A2 A3 D1 F0 N1 R1 R2 R3 R4 R5 R6 R7 R8 T1 T2 T3 T4 W1 W2 W3 W4 W5 W7 W8 W9"
    )
    for name in faults.ids():
        assert faults.title(name).endswith(".")
        assert faults.load(name).compose


def test_lost_and_doubled_work_is_counted_exactly_in_every_fault_of_a_queue(
    project: Project,
) -> None:
    """Hardened Celery loses nothing, so what is lost is what the strategy forgot, by number.

    But for the message that a worker was being handed at the fault: that one is nobody's.
    """
    pair = ["_lossy_celery_queue", "_duplicating_celery_queue"]
    path = profile(project, QUEUED, pair, variant="hardened", at_once=6)
    latest, found = run(project, path)
    assert len(found) == len(QUEUED) * 2
    for fault in QUEUED:
        handed_over = HANDED_OVER.get(fault, 0)
        lossy, duplicating = (found[strategy, fault] for strategy in pair)
        lost = numbers(latest, pair[0], fault, "lost")
        assert len(lost) == int(lossy["lost"]) > 0
        assert len([number for number in lost if number % 4]) <= handed_over, (fault, lost)
        done = numbers(latest, pair[0], fault, "once") + numbers(latest, pair[0], fault, "late")
        assert done
        assert not [number for number in done if number % 4 == 0]
        assert lossy["done_at_least_once"] == lossy["failure_visible"] == "broken", lossy
        doubled = numbers(latest, pair[1], fault, "duplicated")
        single = numbers(latest, pair[1], fault, "once") + numbers(latest, pair[1], fault, "late")
        assert len(doubled) == int(duplicating["duplicated"]) > 0
        forgotten = [number for number in single if number % 3 == 0]
        assert len(forgotten) <= handed_over, (fault, forgotten)
        assert duplicating["begun_at_most_once"] == "broken"
    assert project.left_over() == []


def test_lost_and_doubled_work_is_counted_exactly_when_the_api_is_hit(project: Project) -> None:
    """In-process strategies lose more in some faults, and still never what they should not."""
    pair = ["_lossy", "_duplicating"]
    latest, found = run(project, profile(project, IN_PROCESS, pair))
    for fault in IN_PROCESS:
        lost = numbers(latest, "_lossy", fault, "lost")
        forgotten = [number for number in lost if number % 4 == 0]
        assert forgotten
        in_flight = len(lost) - len(forgotten)
        assert in_flight > 0 if fault == "A3" else in_flight == 0 or fault == "A2", (fault, lost)
        done = numbers(latest, "_lossy", fault, "once")
        assert not [number for number in done if number % 4 == 0]
        doubled = numbers(latest, "_duplicating", fault, "duplicated")
        assert doubled
        assert all(number % 3 == 0 for number in doubled)
    assert found["_lossy", "F0"]["lost"] == str(len(numbers(latest, "_lossy", "F0", "lost")))
    assert project.left_over() == []


def test_forgotten_work_is_told_from_work_that_raised(project: Project) -> None:
    """T1: what was tried and failed has a record; what the strategy forgot has none."""
    chosen = ["_lossy", "_lossy_celery_queue"]
    latest, found = run(project, profile(project, ["T1"], chosen))
    for strategy in chosen:
        lost = numbers(latest, strategy, "T1", "lost")
        failed = numbers(latest, strategy, "T1", "failed_visibly")
        assert lost
        assert all(number % 4 == 0 for number in lost)
        assert failed
        assert not [number for number in failed if number % 4 == 0]
        assert len(lost) + len(failed) == int(found[strategy, "T1"]["accepted"])
    assert project.left_over() == []


def test_a_deploy_waits_for_a_hardened_worker(project: Project) -> None:
    """W5: as documented, KILL cuts jobs short; hardened, the worker ends by itself."""
    queues = ["celery_queue", "rq_queue"]
    run(project, profile(project, ["W5"], queues, variant='documented", "hardened', rate=6))
    tables = project.folder / "results" / "latest" / "tables"
    with (tables / "completion.csv").open() as file:
        rows = {(row["strategy"], row["variant"]): row for row in csv.DictReader(file)}
    for path in tables.parent.glob("trials/*/trial.json"):
        record = json.loads(path.read_text())
        strategy, variant = (record["trial"]["arm"][name] for name in ("strategy", "variant"))
        (how,) = [mark["detail"] for mark in record["strike"]["marks"] if mark["what"] == "down"]
        row = rows.pop((strategy, variant))
        if variant == "hardened":
            assert how.startswith("ended after"), (strategy, how)
            assert row["done_at_least_once"] == row["begun_at_most_once"] == "holds", row
        else:
            assert how == "killed after 0.25 s", strategy
            assert int(row["lost"]) + int(row["stranded"]) > 0, row
    assert rows == {}


def test_a_database_of_another_trial_is_not_struck(project: Project) -> None:
    """D1 has a server of its own: what runs beside it, on the server of the run, fails nowhere."""
    path = profile(project, ["D1", "A1"], ["background_tasks"], at_once=2, workload="items")
    latest, found = run(project, path)
    assert int(found["background_tasks", "D1"]["failed_visibly"]) > 0
    beside = found["background_tasks", "A1"]
    assert beside["once"] == beside["accepted"] != "0"
    (path_,) = latest.glob("trials/*D1*/trial.json")
    marks = json.loads(path_.read_text())["strike"]["marks"]
    assert [mark["what"] for mark in marks if mark["role"] == "database"][:3] == [
        "struck", "started", "logged",
    ]  # fmt: skip
    assert project.left_over() == []


def test_a_database_that_does_not_say_that_it_recovers_proves_nothing(project: Project) -> None:
    """Its processes were killed, and still: it may have started on no data at all."""
    file = project.folder / "loadtests" / "faults" / "d1_database_crashes.py"
    file.write_text(file.read_text().replace(RECOVERS, "initialised from nothing"))
    latest, _ = run(project, profile(project, ["D1"], ["background_tasks"], at_once=1))
    (path,) = latest.glob("trials/*/trial.json")
    strike = json.loads(path.read_text())["strike"]
    assert not strike["proven"]
    assert "did not log" in [mark["what"] for mark in strike["marks"]]
    assert "the fault was not seen to happen" in project.run("check", "latest").stdout


def undecided(row: dict[str, str]) -> bool:
    """Say whether no guarantee of a cell is decided."""
    names = ("done_at_least_once", "begun_at_most_once", "failure_visible")
    return {row[name] for name in names} == {"unknown"}


def test_a_fault_that_hits_nothing_leaves_the_episode_unknown(project: Project) -> None:
    """A job that is done at once is not in flight when the worker dies more than a second later."""
    path = profile(project, ["W2"], ["celery_queue"], workload="empty", rate=0.5, at_once=1)
    latest, found = run(project, path)
    assert undecided(found["celery_queue", "W2"])
    check = project.run("check", "latest")
    assert check.returncode == 2
    assert "no job was in flight" in check.stdout
    assert latest.name


def test_an_injector_that_does_nothing_leaves_the_episode_unknown(project: Project) -> None:
    """The fault's file is there, and empty."""
    file = project.folder / "loadtests" / "faults" / "w2_worker_killed.py"
    file.write_text(
        '"""Nothing is killed."""\n'
        "from after202.records.experiment import Role\n"
        "from loadtests.faults import Fault, nothing\n"
        "FAULT = Fault(hits=Role.WORKER, strike=nothing)\n"
    )
    _, found = run(project, profile(project, ["W2"], ["celery_queue"], at_once=1))
    assert undecided(found["celery_queue", "W2"])
    assert "the fault did not strike" in project.run("check", "latest").stdout


def test_what_is_done_to_the_parts_is_written_down(project: Project) -> None:
    """Who was killed and started again, when, and what the queue held at the end."""
    latest, _ = run(project, profile(project, ["W2"], ["celery_queue"], rate=12, at_once=1))
    (path,) = latest.glob("trials/*/trial.json")
    record = json.loads(path.read_text())
    strike = record["strike"]
    assert [mark["what"] for mark in strike["marks"]][:2] == ["struck", "started"]
    assert "KILL to" in strike["marks"][0]["detail"]
    assert strike["proven"]
    assert strike["in_flight"] > 0
    assert set(record["held"].values()) == {"unacked"}
    assert strike["redelivery_s"] == 3700

    # And the report tells it
    assert "What do I lose when something breaks?" in (latest / "REPORT.md").read_text()
    assert (latest / "charts" / "fault_matrix.svg").exists()
    assert (latest / "charts" / "episode_timeline.svg").exists()
    with (latest / "tables" / "recovery.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert float(row["service_ready_s"]) > 1
    assert int(row["in_flight"]) > 0
    assert row["alone"] == "True"


def test_a_stopped_run_of_episodes_leaves_no_process_and_can_go_on(project: Project) -> None:
    """Several run at once, their supervisors too; nothing half-done is stored."""
    path = profile(project, ["W2", "A3"], ["celery_queue", "background_tasks"], at_once=3)
    process = project.start("run", path)
    results = project.folder / "results"
    deadline_s = time.monotonic() + 60
    while not list(results.glob("2*/trials/*/ledger/*.led")) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    time.sleep(1.5)

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "--resume" in errors
    assert errors.count("\n") == 1, errors
    assert project.left_over() == []
    assert list(results.glob("2*/trials/*/trial.json")) == []

    done = project.run("run", "--resume", "latest", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert len(list((results / "latest" / "trials").glob("*/trial.json"))) == 3
    assert project.left_over() == []


@contextmanager
def stack(strategy: StrategyFacts) -> Iterator[Stack]:
    """Give a running stack."""
    arm = Arm(strategy=strategy.name, workload="empty", rate_per_s=1)
    trial = Comparison(
        id="x", block=0, arm=arm, seed=1, arrivals=Arrivals.CONSTANT, warm_up_s=0, window_s=1,
        drain_s=1, bystander_per_s=0, slots=2,
    )  # fmt: skip
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="after202-tests-")))
        running.enter_context(guarded(uuid4().hex, folder))
        own = TrialFolder(folder / "trial")
        own.empty()
        known = {strategy.name: strategy}
        services = EmbeddedServices(folder, folder, ANYWHERE, mail_delay_ms=0, strategies=known)
        running.enter_context(services)
        yield running.enter_context(services.stack(trial, own, ANYWHERE))


@pytest.mark.processes
def test_a_foreign_consumer_on_the_broker_is_a_reason_not_to_trust_a_trial() -> None:
    """Somebody else's process blocks on the queue for a while, as a forgotten worker would.

    It has gone when the trial ends, so looking only then would miss it.
    """
    facts = environments.describe(["celery_queue"])["celery_queue"]
    foreign = {name: value for name, value in os.environ.items() if name != MARK}
    with stack(facts) as running:
        # Given a trial whose own worker and API are all that is on its broker
        with Lookout(running, facts) as alone:
            pass
        assert alone.reasons() == []

        # When somebody else's client is there for some seconds
        url, queue = running.wiring.broker_url, running.wiring.queue
        code = f"import redis; redis.Redis.from_url({url!r}).blpop('not-{queue}', 4)"
        with Lookout(running, facts) as lookout:
            subprocess.run([sys.executable, "-c", code], env=foreign, check=True)
        with redis.Redis.from_url(url) as connection:
            assert not any(client["cmd"] == "blpop" for client in connection.client_list())

        # Then the trial says so
        (found,) = lookout.reasons()
    assert found.startswith("a client that is not ours is on the broker, from 127.0.0.1:")


def test_a_user_s_own_broker_is_not_struck(project: Project) -> None:
    """One line, exit code 2."""
    path = profile(project, ["R2"], ["celery_queue"])
    done = project.run("run", path, "--redis-url", "redis://127.0.0.1:1/0")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_an_unknown_fault_is_one_line(project: Project) -> None:
    """It names those that there are."""
    done = project.run("run", profile(project, ["X9"], ["inline"]))
    assert done.returncode == 2
    assert "unknown fault 'X9': there are A1, A2" in done.stderr
