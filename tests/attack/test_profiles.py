"""Malformed profiles through `after202 plan`: each is refused in one line, and none is a bug."""

import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from after202 import cli
from after202.hosts import environments
from after202.kernel.model import StrategyFacts
from tests.attack import malformed
from tests.attack.malformed import STRATEGY_FILES

pytestmark = [pytest.mark.attack, pytest.mark.processes]

TEXTS = dict(malformed.texts())
LEAST = 150
# A user reads one line; the path of a temporary folder is part of it.
LONGEST = 400
REFUSED = 2
HANGS_S = 1.0
described = cache(environments.describe)


@pytest.fixture(autouse=True)
def _described_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the strategies of a profile once: that starts a process."""

    def describe(names: Iterable[str]) -> dict[str, StrategyFacts]:
        return dict(described(tuple(names)))

    monkeypatch.setattr(environments, "describe", describe)
    monkeypatch.setattr(environments, "ANSWERED_S", 60.0)


def planned(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Run `after202 plan` in this process; return its exit code and stderr."""
    monkeypatch.setattr(sys, "argv", ["after202", "plan", str(path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), capsys.readouterr().err


def assert_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Assert that a profile is refused in one line."""
    code, errors = planned(path, monkeypatch, capsys)
    assert code == REFUSED, "it was accepted"
    assert errors.count("\n") == 1, errors
    assert len(errors) < LONGEST, errors
    assert "bug of after202" not in errors, errors
    assert "Traceback" not in errors


def test_the_profile_that_all_are_changed_from_is_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise all would be refused for the same reason; and there are enough of them."""
    path = tmp_path / "mine.toml"
    path.write_text(malformed.sound())
    assert planned(path, monkeypatch, capsys) == (0, "")
    assert len(TEXTS) + len(STRATEGY_FILES) >= LEAST


@pytest.mark.parametrize("name", TEXTS)
def test_a_malformed_profile_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong in it."""
    path, content = tmp_path / "mine.toml", TEXTS[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_refused(path, monkeypatch, capsys)


@pytest.mark.parametrize(
    "name",
    list(STRATEGY_FILES),
)
def test_a_strategy_that_is_no_strategy_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its file is missing, or does not load; one that hangs is given up."""
    file, content = STRATEGY_FILES[name]
    if content is not None:
        (tmp_path / file).write_text(content)
    if name == "hangs":
        monkeypatch.setattr(environments, "ANSWERED_S", HANGS_S)
    path = tmp_path / "mine.toml"
    path.write_text(malformed.with_file(tmp_path / file))
    assert_refused(path, monkeypatch, capsys)


@pytest.mark.parametrize("name", ["folder.toml", "pipe.toml", "loop.toml", "x" * 300 + ".toml"])
def test_what_is_no_file_is_no_profile(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a pipe that nobody writes to, a link to itself, a name that is too long."""
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    assert_refused(tmp_path / name, monkeypatch, capsys)
