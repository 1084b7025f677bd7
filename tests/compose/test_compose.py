"""The stack in containers: built, started, measured, broken and put away, as a user would."""

import csv
import json
import signal
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from after202.stacks.compose import project as projects
from tests.compose.conftest import Bench, docker, volumes

pytestmark = pytest.mark.compose
HEAVY = ("pandas", "matplotlib", "locust")
APIS = {"inline", "background-tasks", "gather", "create-task", "process-pool", "celery", "rq"}
SERVICES = APIS | {"celery-worker", "rq-worker", "broker", "cache", "postgres", "mail"}

EPISODES = """
description = "Faults on containers."
slots = 2

[[matrix]]
strategies = ["background_tasks"]
faults = ["A3"]
rate_per_s = 5
window_s = 4
fault_after_s = 1.2
episodes = 1

[[matrix]]
strategies = ["celery_queue"]
faults = ["W1", "W2", "W7", "R7", "D1"]
variants = ["hardened"]
durabilities = ["AOF always"]
rate_per_s = 5
window_s = 4
fault_after_s = 1.2
episodes = 1
"""
CLASSES = ("once", "late", "duplicated", "failed_visibly", "stranded", "lost", "recovered")


def running() -> Counter[str]:
    """Return how many containers of each service run."""
    return projects.read().running()


def completion(run: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of completion.csv by strategy and fault."""
    with (run / "tables" / "completion.csv").open() as file:
        return {(row["strategy"], row["fault"]): row for row in csv.DictReader(file)}


def trial(run: Path) -> dict[str, object]:
    """Return the only trial's record."""
    (path,) = run.glob("trials/*/trial.json")
    found: dict[str, object] = json.loads(path.read_text())
    return found


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Require that one line says what is wrong, and return it."""
    said = [line for line in done.stderr.splitlines() if line.startswith("after202: ")]
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(said) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return said[0]


@pytest.mark.usefixtures("engine")
def test_without_the_stack_a_run_says_what_to_do(bench: Bench) -> None:
    """Asked for, it is an error; else the embedded stack is taken, and the reason said."""
    docker("compose", "--profile", "*", "down", "--volumes")
    done = bench.run("run", "smoke", "--stack", "compose", "--results", str(bench.results))
    assert "are not up: run make up, or docker compose up -d --wait" in refused(done)
    assert list(bench.results.iterdir()) == []


@pytest.mark.usefixtures("engine")
def test_the_file_is_what_compose_wants() -> None:
    """Nothing is complained of, and every port is of this machine alone."""
    assert docker("compose", "--profile", "*", "config", "-q") == ""
    for service in projects.read().services.values():
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}


@pytest.mark.usefixtures("up")
def test_all_services_are_healthy_and_nobody_is_root() -> None:
    """Then a job has gone all the way through each API."""
    listed = docker("compose", "ps", "--format", "{{.Service}} {{.Health}}").split()
    health = dict(zip(listed[::2], listed[1::2], strict=True))
    assert health == dict.fromkeys(SERVICES, "healthy")
    for service in SERVICES:
        user = docker("compose", "exec", "-T", service, "id", "-u").strip()
        assert user != "0", service


@pytest.mark.usefixtures("up")
def test_the_image_of_apis_and_workers_is_small() -> None:
    """It adds at most 150 MB to its base, has no cache, and none of what the benchmark needs."""
    sizes = [
        int(docker("image", "inspect", "--format", "{{.Size}}", name))
        for name in ("python:3.13-slim", "after202-app")
    ]
    assert sizes[1] - sizes[0] <= 150e6
    code = f"import importlib.util as u; print(*[n for n in {HEAVY} if u.find_spec(n)])"
    assert docker("compose", "exec", "-T", "celery", "python", "-c", code).strip() == ""
    caches = (
        "import pathlib as p; print(*p.Path('/root').glob('.cache'), *p.Path('/tmp').iterdir())"
    )
    found = docker(
        "run", "--rm", "--user", "0", "--entrypoint", "python", "after202-app", "-c", caches
    )
    base = docker("run", "--rm", "--user", "0", "python:3.13-slim", "python", "-c", caches)
    assert found == base


@pytest.mark.usefixtures("up")
def test_smoke_accounts_for_every_job_and_leaves_the_stack_as_it_was(bench: Bench) -> None:
    """Through the published ports, with nobody else's containers beside those under test."""
    before, kept = running(), len(volumes())
    run = bench.measure("smoke")
    done = bench.run("check", str(run), "--jobs-only")
    assert done.returncode == 0, done.stdout
    assert "6 hold, 0 broken" in done.stdout
    assert running() == before
    assert len(volumes()) == kept
    record = json.loads((run / "run.json").read_text())
    assert record["stack"] == "compose"
    assert record["versions"]["redis-server"].startswith("8.")


@pytest.mark.usefixtures("up")
def test_faults_on_containers_are_proven_and_every_job_is_classified(bench: Bench) -> None:
    """A child in its container is found, and a broker without memory is killed by the kernel."""
    profile = bench.results / "faults.toml"
    profile.write_text(EPISODES)
    run = bench.measure(str(profile))
    for path in run.glob("trials/*/trial.json"):
        record = json.loads(path.read_text())
        assert record["valid"], record["reasons"]
        assert record["strike"]["proven"], path

    (starved,) = run.glob("trials/*-R7-*/trial.json")
    marks = json.loads(starved.read_text())["strike"]["marks"]
    assert [one["detail"][:9] for one in marks if one["what"] == "ended by itself"] == ["code 137:"]

    rows = completion(run)
    for row in rows.values():
        assert int(row["accepted"]) == sum(int(row[kind]) for kind in CLASSES) > 0
    # What BackgroundTasks had accepted was in the process that was killed.
    assert int(rows["background_tasks", "A3"]["lost"]) > 0
    assert rows["background_tasks", "A3"]["done_at_least_once"] == "broken"
    for fault in ("W1", "W2"):
        assert rows["celery_queue", fault]["done_at_least_once"] == "holds", fault


@pytest.mark.usefixtures("up")
def test_more_workers_are_more_slots(bench: Bench) -> None:
    """What is scaled out stays so for the trials, and the report says so."""
    docker("compose", "up", "--detach", "--wait", "--no-recreate", "--scale", "celery-worker=3")
    try:
        run = bench.measure("smoke", "--strategy", "celery_queue")
        assert trial(run)["slots"] == 6
        assert "Celery 6, with 3 workers" in (run / "REPORT.md").read_text()
        assert running()["celery-worker"] == 3
    finally:
        docker("compose", "up", "--detach", "--no-recreate", "--scale", "celery-worker=1")


@pytest.mark.usefixtures("up")
def test_ctrl_c_brings_the_stack_back(bench: Bench) -> None:
    """In the midst of a trial: the line says how to go on, and the neighbours are there again."""
    before = running()
    with bench.start("run", "smoke", "--results", str(bench.results)) as process:
        while process.poll() is None and not list(bench.results.glob("2*/trials/*/load-0.json")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "--resume" in errors
    assert running() == before


@pytest.mark.usefixtures("up")
def test_a_taken_port_is_one_clear_line(bench: Bench) -> None:
    """It names the port."""
    docker("compose", "rm", "--stop", "--force", "gather")
    with socket.create_server(("127.0.0.1", 8203)):
        line = refused(bench.run("up"))
    assert "port 8203 is taken" in line
    assert bench.run("up").returncode == 0


@pytest.mark.usefixtures("up")
def test_a_broker_that_never_becomes_healthy_is_one_clear_line(bench: Bench) -> None:
    """It names the service and what it said last."""
    line = refused(bench.run("up", AFTER202_BROKER_APPENDFSYNC="sometimes"))
    assert "broker" in line
    assert "make logs" in line
    assert bench.run("up").returncode == 0


@pytest.mark.usefixtures("up")
def test_a_folder_for_results_that_cannot_be_written_is_one_clear_line(bench: Bench) -> None:
    """Before anything is put away."""
    before = running()
    done = bench.run("run", "smoke", "--results", "/proc/results")
    assert "cannot be written" in refused(done)
    assert running() == before
