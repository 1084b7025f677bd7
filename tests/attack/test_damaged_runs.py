"""Damaged runs through `check` and `report`: one line or a verdict, and never a bug of ours."""

import sys
from dataclasses import dataclass
from random import Random
from typing import IO

import pytest
from matplotlib.figure import Figure

from after202 import cli
from after202.analyse.findings.judged import BROKEN, HOLDS, UNKNOWN, CheckResult
from after202.commands import console
from after202.records.folder import RunFolder
from tests.attack import stored
from tests.attack.damages import FILES, OUTPUTS, accidents, fifo
from tests.attack.forgeries import forgeries

pytestmark = [pytest.mark.attack, pytest.mark.processes]

DAMAGES = list({damage.name: damage for damage in (*accidents(), *forgeries())}.values())
COMMANDS = ("check", "report")
# A command takes seconds; what waits for a pipe waits for ever.
ANSWERED_S = 60
REFUSED_PIPES = {"run.json", "requests", "ledger"}
OTHER_PIPES = ("an episode's record", "load", "jobs.parquet", "latency.csv", "index.html")
PIPES = {name: {**FILES, **OUTPUTS}[name] for name in (*sorted(REFUSED_PIPES), *OTHER_PIPES)}
IN_PROCESSES = 6
WIDE = 1000


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    output: str
    errors: str


def save_nothing(_: Figure, file: IO[str], *, format: str, **__: object) -> None:  # noqa: A002
    """Save an empty drawing, for a page that holds it; a picture has no byte."""
    if format == "svg":
        file.write("<svg/>")


@pytest.fixture
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let charts be made, but not drawn, which takes seconds and reads no file."""
    monkeypatch.setattr(Figure, "savefig", save_nothing)
    monkeypatch.setattr(Figure, "draw_without_rendering", lambda _: None)


def answer(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Answer:
    """Run the command line in this process."""
    monkeypatch.setattr(sys, "argv", ["after202", *arguments])
    monkeypatch.setattr(console, "_width", WIDE)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return Answer(int(ended.value.code or 0), said.out, said.err)


def assert_answered(found: Answer, *, refused: bool) -> None:
    """Assert that a command ended with a verdict, or with one line on stderr."""
    said = found.output + found.errors
    assert "Traceback" not in said
    assert "bug of after202" not in said, said
    assert found.code in {HOLDS, BROKEN, UNKNOWN}, said
    assert found.errors.count("\n") == (1 if found.errors else 0), said
    assert not found.errors or found.code == UNKNOWN
    assert found.errors or not refused


@pytest.mark.usefixtures("_undrawn")
@pytest.mark.parametrize("number", range(len(DAMAGES)), ids=[damage.name for damage in DAMAGES])
def test_a_damaged_run_is_answered(
    number: int,
    run: RunFolder,
    sound: CheckResult,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every other one is reported before it is checked; no verdict is invented either way."""
    damage = DAMAGES[number]
    damage.do(run, Random(damage.name))
    if number % 4 == 1:
        reported = answer(["report", str(run.path)], monkeypatch, capsys)
        assert_answered(reported, refused=damage.refused)
    checked = answer(["check", "--jobs-only", str(run.path)], monkeypatch, capsys)
    assert_answered(checked, refused=damage.refused)
    if not damage.forged:
        assert (checked.code == HOLDS) == (not damage.read), checked
    if not damage.forged and not checked.errors:
        assert list(stored.wrong_verdicts(checked.output.splitlines(), sound)) == []


@pytest.mark.parametrize("number", range(IN_PROCESSES))
def test_a_process_answers_as_well(number: int, run: RunFolder) -> None:
    """A sample: nothing of how this process is set up may be what answers."""
    damage = Random(number).choice(DAMAGES)
    damage.do(run, Random(damage.name))
    done = stored.command(COMMANDS[number % 2], str(run.path), timeout_s=ANSWERED_S)
    assert_answered(Answer(done.returncode, done.stdout, done.stderr), refused=damage.refused)


@pytest.mark.parametrize("name", PIPES)
def test_nobody_waits_for_a_pipe(name: str, run: RunFolder) -> None:
    """A pipe into which nobody writes is no file, with checksums or without."""
    stored.as_schema_2(run)
    fifo(PIPES[name](run), Random(name))
    done = stored.command("report", str(run.path), timeout_s=ANSWERED_S)
    assert_answered(
        Answer(done.returncode, done.stdout, done.stderr), refused=name in REFUSED_PIPES
    )


@pytest.mark.usefixtures("_undrawn")
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_report_does_not_write_through_a_link(
    name: str,
    run: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A run that somebody else sent may have one that leads to a file of the user's."""
    mine, path = run.path.parent / "mine", OUTPUTS[name](run)
    mine.write_text("mine")
    path.unlink()
    path.symlink_to(mine)
    assert_answered(answer(["report", str(run.path)], monkeypatch, capsys), refused=False)
    assert mine.read_text() == "mine"


def test_a_name_that_no_folder_can_have_is_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is too long, or has characters that no path has."""
    for name in ("x" * 300, "x/" * 3000, "\0", "a\nb", "\udcff", "\x1b[31m", ""):
        for command in COMMANDS:
            assert_answered(answer([command, name], monkeypatch, capsys), refused=True)
