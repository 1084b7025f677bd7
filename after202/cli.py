"""The command line: parse, measure, analyse, print. All of it is thin."""

import re
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from types import FrameType
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer carries its own click

from after202 import __version__
from after202.commands import (
    STOPPED,
    check_strategy,
    claims,
    compare,
    env,
    fail,
    listing,
    pool,
    report,
    run,
    say,
    schema,
    up,
    validate,
)
from after202.kernel.errors import After202Error
from after202.kernel.text import masked

USAGE = 2
SHOWN = 200
# No name of ours is so long, and nobody reads such a line; a path stays whole.
LONG_NAME = re.compile(r"[^\s/:]{201,}")
KEPT, LONGEST = 60, 1000
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for group in (
    listing,
    claims,
    env,
    run,
    report,
    compare,
    pool,
    schema,
    up,
    check_strategy,
    validate,
):
    app.add_typer(group.app)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if wanted:
        say(f"after202 {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Where should background work run behind FastAPI? Measures speed, cost and survival."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM end the program as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Run the command that was given; an error is one line on stderr."""
    try:
        with _terminable():
            code = app(standalone_mode=False)
    except ClickException as error:
        fail(_one_line(f"{error.format_message()} (see python -m after202 --help)"), USAGE)
    except After202Error as error:
        fail(_one_line(str(error)), USAGE)
    except (KeyboardInterrupt, typer.Abort):
        fail("stopped", STOPPED)
    except Exception as error:  # noqa: BLE001 - a user is shown a line, whatever it was
        fail(_unforeseen(error), USAGE)
    sys.exit(code)


def _one_line(message: str) -> str:
    """Return a message on one line, with only the beginning of names that are far too long."""
    line = LONG_NAME.sub(lambda name: f"{name[0][:KEPT]}...", " ".join(message.splitlines()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"


def _unforeseen(error: Exception) -> str:
    """Return one line on an error of ours, and where its traceback is."""
    with NamedTemporaryFile("w", prefix="after202-", suffix=".log", delete=False) as file:
        file.write(masked("".join(traceback.format_exception(error))))
    said = " ".join(str(error).split())[:SHOWN]
    return f"{type(error).__name__}: {said} (this is a bug of after202's; details: {file.name})"
