"""The command that compares two runs."""

from typing import Annotated

import typer

from after202.commands import RESULTS, AsJson, Results, console, short
from after202.records.folder import find_run

app = typer.Typer()


@app.command("compare")
def compare_runs(
    before: Annotated[str, typer.Argument(metavar="A", help="Run folder, or its name.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The run to judge.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Even of unlike profiles.")] = False,
    as_json: AsJson = False,
    results_folder: Results = RESULTS,
) -> None:
    """Compare two runs: exit 1 if B is worse beyond doubt."""
    from after202.analyse.changes import compared  # noqa: PLC0415 - pandas is slow
    from after202.analyse.run import read  # noqa: PLC0415
    from after202.report.comparing import data, page  # noqa: PLC0415
    from after202.report.rendering import terminal  # noqa: PLC0415

    folders = [find_run(name, results_folder) for name in (before, after)]
    compared.require_comparable(*(folder.read() for folder in folders), force=force)
    found = compared.compare(*map(read, folders))
    path = page.write(results_folder, found)
    if as_json:
        typer.echo(data.answer(found).text(), nl=False)
    else:
        for block in page.terminal(found):
            console.print(terminal.shown(block), markup=False, highlight=False)
        console.print(f"Page: {short(path)}", soft_wrap=True)
    raise typer.Exit(found.exit_code)
