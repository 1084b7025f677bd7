"""Why believe this? The A/A test, the checks, and what the run does not say."""

from collections.abc import Iterator

from after202.report.blocks import Block, Cell, Checks, Heading, Section, table
from after202.report.sections import Reported
from after202.report.sentences import checks, limits

PLACE = 70


def section(reported: Reported) -> Section:
    """Return the section; every run has it."""
    return Section(
        "Why believe this?", tuple(_blocks(reported)), anchor="trust", short="Why believe it?"
    )


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    yield from reported.drawings("noise")
    yield Heading("Checked in this run")
    yield Checks(tuple((one.title, one.is_well, one.text) for one in checks.checks(facts)))
    open_ = [[Cell(text), Cell(command)] for text, command in limits.limits(facts)]
    if open_:
        yield Heading("What this run does not say")
        yield table(("Open", "Closed by"), open_)
