"""What of the compose stack can be tested where there is no Docker."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from after202.commands import run as measuring
from after202.kernel.errors import UsageError
from after202.kernel.ledger import EventKind, Ledger, Writer, writer_of
from after202.measure.watch.canary import require_one_clock
from after202.plan import reading as profiles
from after202.stacks import choice
from after202.stacks.compose import containers
from after202.stacks.compose.engine import NO_ENGINE, EngineError, explained
from loadtests import faults

TAKEN = """ Container after202-gather-1  Starting
Error response from daemon: driver failed programming external connectivity on endpoint
after202-gather-1 (1f): Bind for 127.0.0.1:8203 failed: port is already allocated"""
IN_USE = (
    "Error response from daemon: failed to set up container networking: failed to listen on TCP"
    " socket: listen tcp4 127.0.0.1:8203: bind: address already in use"
)
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?"


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


def test_an_engine_that_does_not_answer_is_named() -> None:
    """With the way to do without."""
    assert str(explained(EngineError(NO_DAEMON))) == NO_ENGINE


@pytest.mark.parametrize(
    "complaint",
    ["docker: unknown command: docker compose", "unknown shorthand flag: 'f' in -f"],
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


def test_what_compose_cannot_make_is_said_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not skipped silently; and there is one stack, so one episode at a time."""
    load = faults.load
    unmade = replace(load("W2"), compose="")
    monkeypatch.setattr(faults, "load", lambda name: unmade if name == "W2" else load(name))
    chosen = measuring._one_at_a_time(profiles.read("quick"))
    assert [m.faults for m in chosen.matrix] == [("A3",)]
    assert chosen.side_by_side == 1
    assert "Compose cannot make them: W2" in capsys.readouterr().out


def test_where_there_is_one_broker_trials_follow_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Turns are for stacks that are up together; it is said, and the rest is as it was."""
    chosen = profiles.read("answers")
    assert [c.turns for c in chosen.comparison] == [12]
    alone = measuring._one_at_a_time(chosen)
    assert [c.turns for c in alone.comparison] == [1]
    assert alone.comparison[0].window_s == chosen.comparison[0].window_s
    assert "follow each other instead of taking turns" in capsys.readouterr().out


def test_a_clock_that_is_not_ours_is_an_error(tmp_path: Path) -> None:
    """The canary's events lie between its sending and its end, or no time means anything."""
    before_ns = time.monotonic_ns()
    Ledger(tmp_path).record(EventKind.START, uuid4(), 0)
    after_ns = time.monotonic_ns()
    require_one_clock(tmp_path, before_ns, after_ns)
    for off_ns in (-3_000_000_000, 3_000_000_000):
        with pytest.raises(UsageError, match=r"3\.\d+ s apart.*docker compose run --rm bench"):
            require_one_clock(tmp_path, before_ns + off_ns, after_ns + off_ns)


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
