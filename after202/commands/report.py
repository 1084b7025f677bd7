"""Decide and report from stored events; run nothing.

pandas and matplotlib take seconds to load, which no other command needs to wait for: hence the
imports inside.
"""

from typing import Annotated

import typer

from after202.commands import RESULTS, Results, RunName, console, say, short
from after202.records import folder as results

app = typer.Typer()


@app.command("check")
def check_run(
    name: RunName,
    *,
    jobs_only: Annotated[
        bool, typer.Option("--jobs-only", help="Whether times may be used does not matter.")
    ] = False,
    results_folder: Results = RESULTS,
) -> None:
    """Decide from stored events: exit 0 all valid and as stated, 1 not, 2 unknown."""
    from after202.analyse.findings import checks  # noqa: PLC0415

    found = checks.check(results.find_run(name, results_folder), jobs_only=jobs_only)
    for line in found.lines:
        say(line)
    raise typer.Exit(found.exit_code)


@app.command("report")
def write_report(name: RunName, results_folder: Results = RESULTS) -> None:
    """Write tables, charts, REPORT.md and index.html from stored events, and say what holds."""
    from after202.analyse import report  # noqa: PLC0415
    from after202.analyse.findings import checks

    folder = results.find_run(name, results_folder)
    with results.writing(folder):
        analysed = report.write(folder)
    found = report.overheads(analysed)
    record = results.read_run(folder).model_copy(update={"overheads": found})
    results.write_json(folder / results.RUN_FILE, record)
    if analysed.trials:
        console.print(report.summary_table(analysed))
    if analysed.capacities:
        console.print(report.capacity_table(analysed))
    if analysed.episodes:
        console.print(report.survival_table(analysed))
    for overhead, value in found.items():
        say(f"{overhead}: {value:.4g}")
    say(checks.judge(analysed).lines[-1])
    console.print(f"Report: {short(folder / 'index.html')}", soft_wrap=True)
