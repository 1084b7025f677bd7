"""The command that tests the harness itself against known answers."""

from typing import Annotated

import typer

from after202.commands import RESULTS, STOPPED, Results, Wait, console, fail, say, short
from after202.commands.progress import progress
from after202.hosts.alone import alone_on_this_machine
from after202.kernel.errors import UsageError

app = typer.Typer()
EVERYTHING = "all"


@app.command("validate")
def validate_harness(
    name: Annotated[str, typer.Argument(help="Name of a check, or all.")] = EVERYTHING,
    *,
    wait: Wait = False,
    results_folder: Results = RESULTS,
) -> None:
    """Test the harness itself against known answers."""
    from after202.validate import session  # noqa: PLC0415 - it loads both halves

    known = session.names()
    if name not in (*known, EVERYTHING):
        raise UsageError(f"unknown check {name!r}: there are {', '.join(known)}, and all")
    names = known if name == EVERYTHING else [name]
    try:
        with (
            alone_on_this_machine(wait=wait),
            session.begun(
                results_folder, lambda left, known: progress(console, left, known)
            ) as context,
        ):
            results = []
            for each in names:
                console.print(f"validate {each}")
                results.append(session.check(each, context))
                for line in session.lines(results[-1]):
                    say(line)
                session.write(context.folder, results)
    except KeyboardInterrupt:
        fail(f"stopped; figures so far are kept in {short(results_folder)}", STOPPED)
    console.print(f"Figures: {short(context.folder / session.PAGE)}", soft_wrap=True)
    raise typer.Exit(0 if all(result.passed for result in results) else 1)
