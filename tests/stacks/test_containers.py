"""What of the compose stack can be tested where there is no Docker."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from after202.hosts.cpus import laid_out, share_out
from after202.hosts.processes import is_alive
from after202.kernel.errors import UsageError
from after202.kernel.ledger import EventKind, Ledger, Writer, writer_of
from after202.kernel.model import API_KEY, StrategyFacts
from after202.records.experiment import Arm, Arrivals, Layout
from after202.records.folder import TrialFolder
from after202.records.trial import Comparison
from after202.stacks import choice
from after202.stacks.compose import containers, engine
from after202.stacks.compose.engine import NO_ENGINE, EngineError, explained, why
from after202.stacks.compose.project import FILE, ROLE, STRATEGY, Project
from after202.stacks.compose.shared import Shared
from after202.stacks.compose.stack import ComposeStack
from workers.settings import Settings

TAKEN = """ Container after202-gather-1  Starting
Error response from daemon: driver failed programming external connectivity on endpoint
after202-gather-1 (1f): Bind for 127.0.0.1:8203 failed: port is already allocated"""
IN_USE = (
    "Error response from daemon: failed to set up container networking: failed to listen on TCP"
    " socket: listen tcp4 127.0.0.1:8203: bind: address already in use"
)
GONE_S = 10.0
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?"
FAILED = 'dependency failed: service "secret" didn\'t complete successfully: exit 1'
API = {"labels": {ROLE: "api", STRATEGY: "inline"}, "ports": [{"published": "8201"}]}
INLINE = StrategyFacts(name="inline", label="inline", summary="", source="inline", variants={})
TRIAL = Comparison(
    id="0",
    block=0,
    arm=Arm(strategy="inline", workload="login", rate_per_s=1),
    seed=0,
    arrivals=Arrivals.POISSON,
    warm_up_s=0,
    window_s=0,
    drain_s=0,
    slots=2,
)
CPUS = share_out([0, 1, 2, 3])
SHARED = Shared(
    project=Project("after202", {"inline": API}),
    stopping=Event(),
    database_url="",
    password="",
    user=1000,
    group=1000,
    workers={},
    environment={},
)


@pytest.fixture
def _without_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("_without_docker")
def test_without_docker_the_embedded_stack_is_taken() -> None:
    """And the report will say why."""
    chosen = choice.choose("auto")
    assert (chosen.kind, chosen.reason) == ("embedded", "docker is not installed")


@pytest.mark.usefixtures("_without_docker")
def test_compose_is_refused_where_there_is_none() -> None:
    """With what to do."""
    with pytest.raises(UsageError, match="docker is not installed: install it, or measure with"):
        choice.choose("compose")


@pytest.mark.parametrize("said", [TAKEN, IN_USE])
def test_a_taken_port_is_named(said: str) -> None:
    """Whatever the engine's words are."""
    assert "port 8203 is taken" in str(explained(EngineError(said)))


def test_a_service_that_fails_is_named_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose says only its exit code."""
    said = {"ps": "1f\n", "logs": "Traceback\n\nthe stack has another password\n"}
    monkeypatch.setattr(engine, "docker", lambda *words: said[words[1]])
    monkeypatch.setattr(engine, "log", lambda container: said["logs"] if container == "1f" else "")
    assert str(explained(EngineError(FAILED))) == "secret failed: the stack has another password"


def test_each_trial_has_an_api_key_of_its_own(tmp_path: Path) -> None:
    """The containers' API is told the one that the harness's requests carry."""
    stacks = [ComposeStack(SHARED, INLINE, TRIAL, TrialFolder(tmp_path), CPUS) for _ in range(2)]
    keys = [stack._environment()[API_KEY] for stack in stacks]
    assert keys == [stack.api.key for stack in stacks]
    assert len({*keys, ""}) == 3


def test_a_worker_that_is_apart_has_a_cpuset_of_its_own(tmp_path: Path) -> None:
    """Compose is told the processors of the trial's layout, not those of the run."""
    apart = laid_out(CPUS, Layout.WORKER_APART)
    told = ComposeStack(SHARED, INLINE, TRIAL, TrialFolder(tmp_path), apart)._environment()
    assert told["AFTER202_CPUS_UNDER_TEST"] == "0"
    assert told["AFTER202_CPUS_WORKER"] == "1"


def test_the_containers_are_told_what_the_profile_overrides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Compose hands it to the API and the worker alike; by hand, nothing is overridden."""
    given = (("task_acks_late", True), ("worker_prefetch_multiplier", 1))
    arm = TRIAL.arm.model_copy(update={"overrides": given})
    trial = TRIAL.model_copy(update={"arm": arm})
    told = ComposeStack(SHARED, INLINE, trial, TrialFolder(tmp_path), CPUS)._environment()
    assert "    AFTER202_OVERRIDES: ${AFTER202_OVERRIDES:-null}\n" in FILE.read_text()
    for value, read in ((told["AFTER202_OVERRIDES"], dict(given)), ("null", {})):
        monkeypatch.setenv("AFTER202_OVERRIDES", value)
        assert Settings().overrides == read


def test_an_engine_that_does_not_answer_is_named() -> None:
    """With the way to do without."""
    assert str(explained(EngineError(NO_DAEMON))) == NO_ENGINE


def test_dockers_pointer_to_its_help_is_not_its_complaint() -> None:
    """The line that says what is wrong is told, not the last one."""
    error = EngineError("no such thing\n\nRun 'docker ps --help' for more information")
    assert why(error) == "docker says: no such thing"


@pytest.mark.processes
@pytest.mark.parametrize(
    "complaint",
    [
        "docker: unknown command: docker compose",
        "unknown shorthand flag: 'f' in -f",
        "unknown flag: --profile",
    ],
)
def test_docker_without_compose_is_named(
    complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What its command line says of it helps nobody."""
    program = tmp_path / "docker"
    program.write_text(
        f'#!/bin/sh\necho "{complaint}" >&2\necho "Run \'docker --help\'" >&2\nexit 1\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert choice.choose("auto").reason == "docker has no compose command"
    with pytest.raises(UsageError, match="docker has no compose command: install it"):
        choice.choose("compose")


def test_what_is_not_known_is_the_last_line_that_was_said() -> None:
    """One line, not the whole progress of a build."""
    said = str(explained(EngineError("step 1\nstep 2\nno space left")))
    assert said == "docker says: no space left"


@pytest.mark.processes
def test_a_process_is_found_by_what_it_wrote(tmp_path: Path) -> None:
    """By its id in its namespace; one that started after the writing was another."""
    Ledger(tmp_path).record(EventKind.START, uuid4(), 0)
    (path,) = tmp_path.iterdir()
    writer = writer_of(path)
    assert containers._is_writer(os.getpid(), writer)
    assert not containers._is_writer(os.getpid(), writer._replace(pid=writer.pid + 1))
    time.sleep(2 / containers.TICKS_PER_S)  # the kernel notes a start by the tick
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as later:
        assert not containers._is_writer(later.pid, writer._replace(pid=later.pid))
        now = Writer(writer.host, later.pid, time.monotonic_ns())
        assert containers._is_writer(later.pid, now)


@pytest.mark.processes
def test_a_docker_that_hangs_is_given_up_and_leaves_no_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor do the plug-ins that it started."""
    # Given a docker that starts a child and never answers
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\nsleep 600 & echo $! >{tmp_path}/child\nwait\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(engine, "ANSWERED_S", 0.5)

    # When a stack is chosen, then it is the embedded one, with the reason
    chosen = choice.choose("auto")
    assert chosen.kind == "embedded"
    assert "gave no answer within" in chosen.reason
    child, deadline_s = int((tmp_path / "child").read_text()), time.monotonic() + GONE_S
    while is_alive(child) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not is_alive(child)
