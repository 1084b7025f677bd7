"""The command that makes the environments of strategies, and says what is in them."""

from collections.abc import Iterator
from typing import Annotated

import typer

from after202.commands import say, short
from after202.hosts import environments
from after202.hosts.environments import NotMadeError
from after202.kernel.errors import UsageError
from after202.plan import groups
from after202.plan.catalogue import require_strategies

app = typer.Typer()
NOT_MADE = 1


@app.command("env")
def make_environments(
    names: Annotated[list[str], typer.Argument(help="Strategies, or groups of them.")],
) -> None:
    """Make strategies' own environments."""
    wanted = groups.expanded(names)
    if files := [name for name in wanted if name.endswith(".py")]:
        raise UsageError(f"{files[0]} runs in the common environment: a file has none of its own")
    require_strategies(wanted)
    is_whole = True
    for name in wanted:
        try:
            for line in _lines(name):
                say(line)
        except NotMadeError as error:
            is_whole = False
            say(str(error))
    raise typer.Exit(0 if is_whole else NOT_MADE)


def _lines(name: str) -> Iterator[str]:
    """Yield where a strategy's environment is, and what is in it; it is created if missing."""
    made = environments.own(name)
    if made is None:
        yield f"{name} needs nothing of its own: it runs in the common environment"
        return
    found = environments.libraries(made)
    yield f"{name}: {short(made)}"
    yield "  " + ", ".join(f"{library} {version}" for library, version in found.items())
