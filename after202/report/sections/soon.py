"""How soon does it answer, and how soon is the work done? Differences beside the baseline."""

from collections.abc import Iterator

from after202.records.experiment import Condition
from after202.report.blocks import Block, Heading, Section, Text, texts
from after202.report.facts import Facts
from after202.report.sections import Reported
from after202.report.sentences import soon, top

PLACE = 20
PROMISE = (
    "An early answer is a promise: a strategy that answers before the work is done answers early"
    " because it works late."
)


def section(reported: Reported) -> Section | None:
    """Return the section; None if no times were measured."""
    if not reported.facts.conditions:
        return None
    return Section(
        "How soon does it answer, and how soon is the work done?",
        tuple(_blocks(reported)),
        anchor="soon",
        short="How soon?",
    )


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    yield from texts(PROMISE, soon.widest_gap(facts), look="lead")
    yield from reported.drawings("speed")
    primary = [facts.primary] if facts.primary else []
    for condition in (*primary, *(one for one in facts.conditions if one not in primary)):
        yield Heading(facts.names.condition(condition))
        yield from _of(facts, condition)
    yield from texts(soon.bystander(facts))


def _of(facts: Facts, condition: Condition) -> Iterator[Block]:
    yield from texts(top.answer_times(facts, condition), soon.done_times(facts, condition))
    yield Text(soon.load(facts, condition), "small")
