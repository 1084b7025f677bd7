"""Bring the compose stack up; the other things that one does with it are Compose's own commands."""

import typer

from after202.commands import console
from after202.stacks.compose.engine import EngineError, explained, shown

app = typer.Typer()


@app.command("up")
def bring_up() -> None:
    """Build and start the services of docker-compose.yml, until jobs go all the way through."""
    try:
        shown("compose", "up", "--detach", "--build", "--wait")
    except EngineError as error:
        raise explained(error) from error
    console.print("Up: make bench measures it, make ps shows it, make down ends it.")
