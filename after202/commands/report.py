"""Commands that check and report from stored events; they run nothing.

pandas and matplotlib take seconds to load. They are imported inside the functions, so that other
commands do not wait for them.
"""

from typing import Annotated

import typer

from after202.commands import RESULTS, AsJson, Results, RunName, claims, console, say, short
from after202.records.claims import known as claims_folder
from after202.records.files import writing
from after202.records.folder import find_run

app = typer.Typer()


@app.command("check")
def check_run(
    name: RunName,
    *,
    jobs_only: Annotated[bool, typer.Option("--jobs-only", help="Judge jobs, not times.")] = False,
    as_json: AsJson = False,
    results_folder: Results = RESULTS,
) -> None:
    """Check a stored run: exit 0 holds, 1 broken, 2 unknown."""
    from after202.analyse.findings import checks  # noqa: PLC0415
    from after202.report import summary  # noqa: PLC0415

    folder = find_run(name, results_folder)
    found = checks.check(folder, jobs_only=jobs_only)
    if as_json:
        typer.echo(summary.checked(folder.name, found).text(), nl=False)
    else:
        for line in found.lines:
            say(line)
    raise typer.Exit(found.exit_code)


@app.command("report")
def write_report(name: RunName, results_folder: Results = RESULTS) -> None:
    """Rewrite the report from stored events."""
    if stored := claims_folder(name, results_folder):
        claims.report(stored)
        return
    from after202 import report  # noqa: PLC0415
    from after202.analyse.findings import checks  # noqa: PLC0415

    folder = find_run(name, results_folder)
    with writing(folder.path):
        analysed = report.write(folder)
    folder.write(folder.read().model_copy(update={"overheads": report.overheads(analysed)}))
    for line in report.for_terminal(analysed):
        say(line)
    say("")
    say(checks.judge(analysed).lines[-1])
    console.print(f"Report: {short(folder.page(report.INDEX))}", soft_wrap=True)
