"""The command that pools several runs of one profile."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from after202.commands import RESULTS, Results, console, say, short
from after202.kernel.errors import UsageError
from after202.records.folder import find_run

app = typer.Typer()
LEAST = 2


@app.command("pool")
def pool_runs(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Two runs or more.")],
    results_folder: Results = RESULTS,
) -> None:
    """Pool runs of one profile, each a session of its own."""
    from after202.analyse import alike  # noqa: PLC0415 - pandas is slow
    from after202.analyse.pooling import sessions  # noqa: PLC0415
    from after202.analyse.run import read  # noqa: PLC0415
    from after202.report import pooled  # noqa: PLC0415

    if len(names) < LEAST:
        raise UsageError("pool needs two runs or more, of one profile and different hours")
    folders = [find_run(name, results_folder) for name in names]
    alike.require_alike([folder.read() for folder in folders])
    runs = [read(folder) for folder in folders]
    found = sessions.comparisons(runs)
    if not found:
        raise UsageError("these runs have no comparison in common: were their rates the same?")
    folder = results_folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-pooled"
    pooled.write(folder, runs, found)
    for line in pooled.lines(runs, found):
        say(line)
    console.print(f"Pooled: {short(folder / pooled.PAGE)}", soft_wrap=True)
