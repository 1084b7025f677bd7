"""The command that checks a strategy against the contract of docs/adding.md."""

from typing import Annotated

import typer

from after202.commands import (
    RESULTS,
    STOPPED,
    Results,
    Wait,
    catalogue,
    console,
    fail,
    short,
)
from after202.commands.progress import progress
from after202.hosts.alone import alone_on_this_machine
from after202.kernel.errors import UsageError
from after202.kernel.text import masked, printable
from after202.plan import reading

app = typer.Typer()


@app.command("check-strategy")
def check_strategy(
    name: Annotated[str, typer.Argument(help="Strategy to check, or a .py file.")],
    *,
    check: Annotated[list[str] | None, typer.Option(help="Only this check.")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Instead of the usual two.")] = None,
    wait: Wait = False,
    results_folder: Results = RESULTS,
) -> None:
    """Check a strategy as docs/adding.md asks of its author."""
    from after202.validate.contract import session as contract  # noqa: PLC0415 - both halves
    from after202.validate.contract.line import Verdict  # noqa: PLC0415 - the same

    wanted = check or list(contract.NAMES)
    for each in wanted:
        if each not in contract.NAMES:
            raise UsageError(f"unknown check {each!r}: there are {', '.join(contract.NAMES)}")
    known, stem = catalogue([name]), reading.stem(name)
    facts = known[stem]  # UsageError if it is not available
    variants = variant or [one for one in contract.VARIANTS if one in facts.variants]
    for each in variants:
        if each not in facts.variants:
            raise UsageError(f"unknown variant {each!r}: there are {', '.join(facts.variants)}")
    found: list[Verdict] = []
    try:
        with alone_on_this_machine(wait=wait):
            context = contract.begun(
                results_folder, lambda left, of: progress(console, left, of, len(left))
            )
            for line in contract.lines(stem, known, variants, wanted, context):
                told = printable(masked(str(line)))
                console.print(told, markup=False, highlight=False, soft_wrap=True)
                found.append(line.verdict)
    except KeyboardInterrupt:
        fail(f"stopped; what was found so far is in {short(results_folder)}", STOPPED)
    console.print(f"Logs and events: {short(context.folder)}", soft_wrap=True)
    raise typer.Exit(1 if Verdict.FAILS in found else 0)
