"""What people say, put to the test: the commands around claims."""

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from after202.claims import session
from after202.commands import STOPPED, console, count, fail, say, short
from after202.hosts.alone import alone_on_this_machine
from after202.records.claims import ClaimRecord, ClaimsFolder
from loadtests import claims
from loadtests.claims import FALSE, TRUE

app = typer.Typer()


@app.command("claims")
def list_claims() -> None:
    """List what people say; run claims tries it."""
    table = Table("claim", "what people say", "source")
    for one in claims.listed():
        claim = claims.load(one.name)
        table.add_row(str(one.number), claim.says, claim.source)
    console.print(table)


def try_them(results: Path, numbers: Sequence[int], also: Sequence[str], *, wait: bool) -> None:
    """Try claims in a new session, and write its table and pages."""
    with alone_on_this_machine(wait=wait):
        _carry_out(session.new(results, numbers, also))


def go_on(folder: ClaimsFolder, *, wait: bool) -> None:
    """Try what is left of a session."""
    with alone_on_this_machine(wait=wait):
        _carry_out(folder)


def _carry_out(folder: ClaimsFolder) -> None:
    console.print(f"{count(len(folder.read().wanted), 'claim')}: {folder.name}")
    try:
        session.carry_out(folder, _tell)
    except KeyboardInterrupt:
        fail(f"stopped; what was tried is kept: continue with --resume {folder.name}", STOPPED)
    report(folder)


def report(folder: ClaimsFolder) -> None:
    """Write a session's table and pages, and say what came out."""
    from after202.report import claims as written  # noqa: PLC0415 - other commands do without

    written.write(folder)
    found = folder.stored()
    say("")
    for line in written.for_terminal(found):
        say(line)
    console.print(f"Report: {short(folder.page(written.INDEX))}", soft_wrap=True)


def _tell(found: ClaimRecord, done: int, total: int) -> None:
    word = found.verdict or "not tried"
    colour = {TRUE: "green", FALSE: "red"}.get(found.verdict, "yellow")
    about = f" with {found.also}" if found.also else ""
    head = f"{done:2}/{total}  {found.number:2} [{colour}]{word:9}[/] {found.took_s:5.1f} s  "
    text = Text.from_markup(head) + Text(f"{found.says}{about}")
    console.print(text, no_wrap=True, overflow="ellipsis", highlight=False)
