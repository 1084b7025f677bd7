"""Put the harness itself to the test, against known answers."""

from typing import Annotated

import typer

from after202.commands import RESULTS, STOPPED, Results, console, fail, say, short
from after202.commands.progress import progress
from after202.kernel.errors import UsageError

app = typer.Typer()
EVERYTHING = "all"


@app.command("validate")
def validate_harness(
    name: Annotated[str, typer.Argument(help="A check's name, or all.")] = EVERYTHING,
    results_folder: Results = RESULTS,
) -> None:
    """Give the harness tasks with known answers: exit 0 if it passes, 1 if not."""
    from after202.validate import session  # noqa: PLC0415 - it loads both halves

    known = session.names()
    if name not in (*known, EVERYTHING):
        raise UsageError(f"unknown check {name!r}: there are {', '.join(known)}, and all")
    names = known if name == EVERYTHING else [name]
    try:
        with session.begun(results_folder, lambda left: progress(console, left)) as context:
            findings = []
            for each in names:
                console.print(f"validate {each}")
                findings.append(session.check(each, context))
                for line in session.lines(findings[-1]):
                    say(line)
                session.write(context.folder, findings)
    except KeyboardInterrupt:
        fail(f"stopped; what was found stays in {short(results_folder)}", STOPPED)
    console.print(f"Figures: {short(context.folder / session.PAGE)}", soft_wrap=True)
    raise typer.Exit(0 if all(finding.passed for finding in findings) else 1)
