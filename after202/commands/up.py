"""Bring the compose stack up. Use `docker compose` directly for everything else."""

import typer

from after202.commands import NO_SERVICE, Strategies, console, listed, say
from after202.kernel.errors import UsageError
from after202.plan.catalogue import require_strategies
from after202.stacks import choice

app = typer.Typer()


@app.command("up")
def bring_up(strategy: Strategies = None) -> None:
    """Build and start the stack in containers."""
    choice.require_checkout()
    choice.bring_up(_with_services(listed(strategy)))
    console.print("The stack is up: make bench measures it, make ps lists it, make down stops it.")


def _with_services(named: list[str]) -> list[str]:
    """Return the strategies that have services; UsageError if none of those named has."""
    require_strategies(named)
    lacking = [name for name in named if not choice.has_service(name)]
    if named and lacking == named:
        raise UsageError(f"{lacking[0]}: {NO_SERVICE}")
    for name in lacking:
        say(f"{name} is left out: {NO_SERVICE}")
    return [name for name in named if name not in lacking]
