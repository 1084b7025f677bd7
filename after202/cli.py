"""The command line: parse, measure, analyse, print. All of it is thin."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from typer._click.exceptions import ClickException  # typer carries its own click

from after202.commands import STOPPED, fail
from after202.commands import listing as looking
from after202.commands import report as reading
from after202.commands import run as measuring
from after202.commands import up as stacking
from after202.commands import validate as validating
from after202.kernel.errors import After202Error

USAGE = 2
app = typer.Typer(
    help="Where should background work run behind FastAPI?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for group in (looking, measuring, reading, stacking, validating):
    app.add_typer(group.app)


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
        fail(f"{error.format_message()} (see python -m after202 --help)", USAGE)
    except After202Error as error:
        fail(str(error), USAGE)
    except (KeyboardInterrupt, typer.Abort):
        fail("stopped", STOPPED)
    sys.exit(code)
