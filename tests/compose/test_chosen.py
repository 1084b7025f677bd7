"""A part of the stack: strategies with images and brokers of their own, started, measured, broken.

These tests run before the others of this folder, which need the common part of the stack.
"""

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from after202.brokers.postgres import BROKER as POSTGRES
from after202.commands import NO_SERVICE
from after202.stacks.compose import project as projects
from after202.stacks.compose.engine import docker as read
from after202.stacks.compose.project import PREPARE, ROLE, SECRET
from tests.compose.conftest import UP_S, Bench, docker
from tests.compose.test_compose import completion, refused
from tests.project import ROOT

pytestmark = pytest.mark.compose
CHOSEN = "arq_queue,procrastinate_queue"
OWN = {"arq", "arq-worker", "procrastinate", "procrastinate-worker"}
SERVERS = {"broker", "postgres-broker", "cache", "postgres", "mail"}
HEALTHY_S = 90.0

EPISODES = """
description = "Faults on containers of two environments."
slots = 2

[[matrix]]
strategies = ["arq_queue"]
faults = ["W2"]
variants = ["hardened"]
rate_per_s = 5
window_s = 4
fault_after_s = 1.2
episodes = 1

[[matrix]]
strategies = ["procrastinate_queue"]
faults = ["W2", "R1"]
variants = ["documented"]
durabilities = ["asynchronous commit"]
rate_per_s = 5
window_s = 4
fault_after_s = 1.2
episodes = 1
"""


@pytest.fixture(scope="module")
def chosen(engine: None) -> Iterator[None]:  # noqa: ARG001 - it must answer first
    """Bring a part of the stack up from nothing, and remove it at the end."""
    down = ["make", "down"]
    subprocess.run(down, cwd=ROOT, capture_output=True, check=True)
    told = ["make", "up", f"STRATEGIES={CHOSEN}"]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False, timeout=UP_S)
    assert done.returncode == 0, done.stderr
    yield
    subprocess.run(down, cwd=ROOT, capture_output=True, check=True)


def health() -> dict[str, str]:
    """Return the health of every running container, by service."""
    listed = docker("compose", "ps", "--format", "{{.Service}} {{.Health}}").split()
    return dict(zip(listed[::2], listed[1::2], strict=True))


@pytest.mark.usefixtures("engine")
def test_every_service_of_a_strategy_has_its_image_and_its_profiles() -> None:
    """One of an image's services builds it, from the requirements of the strategy's own file."""
    project = projects.read()
    for name in sorted(projects.labelled()):
        mine = [project.services[service] for service in project.of(name)]
        roles = Counter(one["labels"][ROLE] for one in mine)
        assert roles["api"] == 1, name
        assert roles.keys() <= {"api", "worker", PREPARE}, name
        own = ROOT / "requirements" / "strategies" / f"{name}.txt"
        images = {one["image"] for one in mine}
        built = [one["build"]["args"]["REQUIREMENTS"] for one in mine if "build" in one]
        if own.exists():
            assert built == [str(own.relative_to(ROOT))]
            assert len(images - {project.services[SECRET]["image"]}) == 1
            assert {tuple(one["profiles"]) for one in mine} == {("all", name)}
        else:
            assert (images, built) == ({project.services[SECRET]["image"]}, [])


@pytest.mark.usefixtures("chosen")
def test_only_what_was_asked_for_is_up_and_nobody_is_root() -> None:
    """A job has gone all the way through both APIs, and the tables were made before."""
    assert health() == dict.fromkeys(OWN | SERVERS, "healthy")
    for service in OWN | SERVERS:
        assert docker("compose", "exec", "-T", service, "id", "-u").strip() != "0", service


@pytest.mark.usefixtures("chosen")
def test_what_is_up_stays_up_and_is_not_prepared_twice(bench: Bench) -> None:
    """The tables are there, so that making them again would fail."""
    done = bench.run("up", "--strategy", "procrastinate_queue")
    assert done.returncode == 0, done.stderr
    assert set(health()) == OWN | SERVERS


@pytest.mark.usefixtures("chosen")
def test_a_smoke_does_every_job_once_and_the_run_has_the_images_libraries(bench: Bench) -> None:
    """What is not up is left out with its line, and what was up comes back with its tables."""
    run = bench.measure("smoke", "--strategy", f"{CHOSEN},saq_queue")
    record = json.loads((run / "run.json").read_text())
    assert record["unavailable"] == {
        "saq_queue": "its services are not up: make up STRATEGIES=saq_queue"
    }
    for name, library in (("arq_queue", "arq"), ("procrastinate_queue", "procrastinate")):
        pinned = (ROOT / "requirements" / "strategies" / f"{name}.txt").read_text()
        found = record["environments"][name]
        assert f"{library}=={found[library]} " in pinned
        assert found["fastapi"] == version("fastapi")
        assert "pandas" not in found
    done = bench.run("check", str(run), "--jobs-only")
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b2 hold, 0 broken", done.stdout), done.stdout

    deadline_s = time.monotonic() + HEALTHY_S
    while health() != dict.fromkeys(OWN | SERVERS, "healthy") and time.monotonic() < deadline_s:
        time.sleep(0.5)
    assert health() == dict.fromkeys(OWN | SERVERS, "healthy")


@pytest.mark.usefixtures("chosen")
def test_faults_hit_the_workers_and_the_broker_of_their_own(bench: Bench) -> None:
    """PostgreSQL ends on its own signal, while its clients stay, and loses nothing."""
    profile = bench.results / "faults.toml"
    profile.write_text(EPISODES)
    run = bench.measure(str(profile))
    for path in run.glob("trials/*/trial.json"):
        record = json.loads(path.read_text())
        assert record["valid"], record["reasons"]
        assert record["strike"]["proven"], path
    rows = completion(run)
    assert {fault for _, fault in rows} == {"W2", "R1"}
    assert rows["arq_queue", "W2"]["done_at_least_once"] == "holds"
    restarted = rows["procrastinate_queue", "R1"]
    assert restarted["broker"] == "asynchronous commit"
    assert restarted["lost"] == "0"
    # Nothing hands out again what a dead worker was doing.
    assert int(rows["procrastinate_queue", "W2"]["stranded"]) > 0
    assert stop_mark(run) == "INT"


def stop_mark(run: Path) -> str:
    """Return the signal that the broker was sent in R1."""
    (path,) = run.glob("trials/*-R1-*/trial.json")
    marks = json.loads(path.read_text())["strike"]["marks"]
    detail: str = next(one["detail"] for one in marks if one["what"] == "struck")
    return detail.partition(" ")[0]


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("durability", POSTGRES.durabilities)
def test_the_broker_writes_what_its_durability_says(durability: str) -> None:
    """As Compose reads the variables that a trial sets."""
    told = {f"AFTER202_{k}": v for k, v in POSTGRES.compose_settings(durability).items()}
    found = json.loads(read(*projects.COMPOSE, "config", "--format", "json", environment=told))
    command = found["services"][POSTGRES.service]["command"]
    for name, value in POSTGRES.compose_settings(durability).items():
        assert f"{name.removeprefix('BROKER_').lower()}={value}" in command


@pytest.mark.usefixtures("engine")
def test_a_strategy_without_a_service_is_refused_in_a_line(bench: Bench) -> None:
    """Before anything is started."""
    assert NO_SERVICE in refused(bench.run("up", "--strategy", "apps/inline.py"))
