"""At what load does it break? Capacities, or an estimate; and what pressure does."""

from collections.abc import Iterator

from after202.report.blocks import Block, Section, texts
from after202.report.sections import Reported
from after202.report.sections.folded import capacity, pressure
from after202.report.sentences import load

PLACE = 60
YOURS = "Your own limits: make bench PROFILE=capacity, half an hour."


def section(reported: Reported) -> Section | None:
    """Return the section; None if nothing says anything about the load."""
    blocks = tuple(_blocks(reported))
    if not blocks:
        return None
    return Section(
        "At what load does it break?", blocks, anchor="load", short="When does it break?"
    )


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    yield from texts(load.capacities(facts), load.level(facts), look="lead")
    yield from texts(load.kept_up(facts), load.ceilings(facts))
    yield from reported.drawings("load")
    found = capacity.fold(reported)
    if found:
        yield found
    yield from pressure.blocks(reported)
    yield from texts(None if facts.limits or not facts.conditions else YOURS, look="small")
