"""What does it cost? CPU time and memory."""

from collections.abc import Iterator

from after202.records.labels import lowered
from after202.report.blocks import Block, Section, texts
from after202.report.sections import Reported
from after202.report.sentences import cost, top

PLACE = 50


def section(reported: Reported) -> Section | None:
    """Return the section; None if no usage is known."""
    if not reported.facts.usage:
        return None
    return Section(
        "What does it cost?",
        tuple(_blocks(reported)),
        anchor="cost",
        short="What does it cost?",
    )


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    yield from texts(top.price(facts), cost.dearest(facts), look="lead")
    yield from reported.drawings("cost")
    at = facts.primary
    measured = f"Measured at {lowered(facts.names.condition(at))}." if at else None
    yield from texts(cost.million(facts), cost.memory(facts), measured)
