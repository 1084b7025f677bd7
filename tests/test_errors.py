"""An error is one line, however long the name in it and however many lines it has."""

import sys

import pytest

from after202 import cli
from after202.kernel.errors import UsageError
from after202.measure import doctor


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("plain", "plain"),
        ("two\nlines", "two lines"),
        (f"unknown {'x' * 5000}: look", f"unknown {'x' * 60}...: look"),
        (f"{'long/' * 100}x", f"{'long/' * 100}x"),
        ("word " * 1000, f"{'word ' * 100} ... {'word ' * 100}"),
    ],
)
def test_an_error_is_one_line_that_can_be_read(
    message: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path stays whole, because a user copies it."""

    def refuse() -> list[str]:
        raise UsageError(message)

    monkeypatch.setattr(doctor, "examine", refuse)
    monkeypatch.setattr(sys, "argv", ["after202", "doctor"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.USAGE
    assert capsys.readouterr().err == f"after202: {line}\n"
