"""Which should I use? Kinds of work by need, and then all strategies at a glance."""

from collections.abc import Iterator

from after202.records.experiment import Condition
from after202.report.blocks import Block, Cell, Choice, Heading, Section, table, texts
from after202.report.facts import Facts
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import ms
from after202.report.sections import Reported
from after202.report.sections.glance import glance
from after202.report.sentences import advice, trust, which
from after202.report.sentences.common import names, soonest

PLACE = 10
NEEDS = (
    "Your work",
    "It may get lost",
    "It must not get lost",
    "It must not, and the client can wait",
)
NOT_SHOWN = Cell("none shown to be safe", "none")
NO_VERDICT = Cell("no verdict", "none")


def section(reported: Reported) -> Section | None:
    """Return the section; None if no times were measured."""
    facts = reported.facts
    if facts.primary is None:
        return None
    return Section("Which should I use?", tuple(_blocks(facts)), anchor="which", short="Which?")


def _blocks(facts: Facts) -> Iterator[Block]:
    if trust.warning(facts) is None:
        decided = [one for one in facts.conditions if facts.has_verdicts(one)]
        rows = [_row(facts, one) for one in decided]
        yield table(NEEDS, rows, caption="What fits which kind of work, by need")
        yield from texts(which.timed_variants(facts), look="small")
    yield from texts(which.few_blocks(facts), look="small")
    yield Heading("At a glance")
    primary = [facts.primary] if facts.primary else []
    ordered = [*primary, *(one for one in facts.conditions if one not in primary)]
    options = tuple((facts.names.condition(one), glance(facts, one)) for one in ordered)
    yield from options[0][1] if len(options) == 1 else (Choice("load", "Load", options),)


def _row(facts: Facts, condition: Condition) -> list[Cell]:
    lossy = advice.for_lossy(facts, condition)
    safe, waiting = advice.safe(facts, condition), advice.waiting(facts, condition)
    spotless = advice.spotless(facts, condition)
    work = facts.names.work(condition.workload)
    return [
        Cell(facts.names.condition(condition), notes=(work,) if work else ()),
        _lossy(facts, condition, lossy) if lossy else NO_VERDICT,
        _safe(facts, condition, safe[0], spotless) if safe else NOT_SHOWN,
        _pick(facts, condition, waiting) if waiting else NOT_SHOWN,
    ]


def _lossy(facts: Facts, condition: Condition, who: Who) -> Cell:
    tied = [one for one in soonest(facts, condition, ANSWER) if one != who]
    more = (f"{names(facts, tied)}: no clear difference",) if tied else ()
    return _pick(facts, condition, who, more)


def _safe(facts: Facts, condition: Condition, who: Who, spotless: Who | None) -> Cell:
    if spotless is None or spotless == who:
        return _pick(facts, condition, who)
    done = ms(facts.ms(spotless, condition, DONE))
    other = f"{facts.names.who(spotless)}: done in {done}, nothing left undone in any fault"
    return _pick(facts, condition, who, (other,))


def _pick(facts: Facts, condition: Condition, who: Who, more: tuple[str, ...] = ()) -> Cell:
    answers, done = (ms(facts.ms(who, condition, metric)) for metric in (ANSWER, DONE))
    return Cell(
        f"**{facts.names.who(who)}**", notes=(f"answers in {answers}, done in {done}", *more)
    )
