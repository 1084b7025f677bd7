"""Every help text fits a terminal of 80 columns, each of its entries on one line."""

import re

import pytest
import typer
from typer.testing import CliRunner

from after202 import __version__
from after202.cli import app
from tests.project import Project

WIDTH = 80
PROGRAM = "python -m after202"
GROUP = typer.main.get_group(app)
COMMANDS = sorted(GROUP.commands)
# Two spaces, what it is, at least two spaces, and what it means.
ENTRY = re.compile(r"  \S+(?: \S+)*  +(\S.*)")


def shown(*command: str) -> list[str]:
    """Return the lines of a command's help, or of the program's."""
    options = {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    done = CliRunner().invoke(app, [*command, "--help"], env=options, prog_name=PROGRAM)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def section(lines: list[str], title: str) -> list[str]:
    """Return the lines of a part of a help text; none if it has no such part."""
    if f"{title}:" not in lines:
        return []
    rest = lines[lines.index(f"{title}:") + 1 :]
    return rest[: rest.index("")] if "" in rest else rest


def require_narrow(lines: list[str]) -> None:
    """Fail for a line that is too long, or an entry that is not on one line or was cut."""
    assert [line for line in lines if len(line) > WIDTH] == []
    for title in ("Commands", "Arguments", "Options"):
        for line in section(lines, title):
            entry = ENTRY.fullmatch(line)
            assert entry is not None, line
            assert not entry[1].endswith("..."), line


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=" ".join)
def test_every_line_of_a_help_text_fits_and_every_entry_has_one(command: tuple[str, ...]) -> None:
    """Of the program, and of each of its commands."""
    lines = shown(*command)
    assert lines[0].startswith(f"Usage: {PROGRAM}")
    require_narrow(lines)
    parameters = GROUP.commands[command[0]].params if command else GROUP.params
    described = [*section(lines, "Arguments"), *section(lines, "Options")]
    assert len(described) == len(parameters) + 1  # --help


def test_the_program_lists_every_command_with_its_whole_description() -> None:
    """Nothing is cut off."""
    listed = section(shown(), "Commands")
    assert len(listed) == len(COMMANDS)
    for line in listed:
        name, said = line.split(maxsplit=1)
        assert said == GROUP.commands[name].help


def test_a_text_that_does_not_fit_would_be_noticed() -> None:
    """A line too long, an entry of two lines, and a description that was cut."""
    long_line = ["Usage: " + "x" * WIDTH]
    two_lines = ["Options:", "  --seed <int>  Override the seed", "                of the profile."]
    cut = ["Commands:", "  run  Measure a profile, then..."]
    for lines in (long_line, two_lines, cut):
        with pytest.raises(AssertionError):
            require_narrow(lines)


def test_help_fits_wherever_the_checkout_is(project: Project) -> None:
    """A long path of the folder of results does not make it wider."""
    for command in ("run", "check"):
        done = project.run(command, "--help")
        assert done.returncode == 0
        require_narrow(done.stdout.splitlines())


def test_the_version_is_printed() -> None:
    """By itself, in a line."""
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"after202 {__version__}\n")


def test_profiles_are_listed(project: Project) -> None:
    """With what each is for."""
    done = project.run("profiles")
    assert done.returncode == 0
    for name in ("smoke", "quick", "full", "faults"):
        assert name in done.stdout
