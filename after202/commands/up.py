"""Bring the compose stack up. Use `docker compose` directly for everything else."""

import typer

from after202.commands import console
from after202.stacks import choice
from after202.stacks.compose.engine import EngineError, explained, shown

app = typer.Typer()


@app.command("up")
def bring_up() -> None:
    """Build and start the stack in containers."""
    choice.require_checkout()
    try:
        shown("compose", "up", "--detach", "--build", "--wait")
    except EngineError as error:
        raise explained(error) from error
    console.print("The stack is up: make bench measures it, make ps lists it, make down stops it.")
