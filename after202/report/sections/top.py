"""The short answer: the finding, the advice or a warning, and the facts that they stand on."""

from collections.abc import Iterator
from pathlib import PurePath

from after202.report.blocks import Badges, Block, Points, Section, Text
from after202.report.facts import Facts
from after202.report.numbers import counted
from after202.report.sections import Reported
from after202.report.sentences import advice, checks, top, trust, which

PLACE = 0
KICKER = "Your API said 202 Accepted. Then what?"
MARKS = {trust.SAME: "well", trust.DIFFERENT: "bad", trust.OPEN: "bad"}


def section(reported: Reported) -> Section:
    """Return the top of the page."""
    facts = reported.facts
    return Section(top.headline(facts), tuple(_blocks(reported)), anchor="answer", kicker=KICKER)


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    warning = trust.warning(facts)
    advised = None if warning else advice.advice(facts)
    if warning or advised:
        yield Text(warning or advised or "", "warning" if warning else "advice")
    yield Points(tuple(_points(facts)))
    yield from reported.drawings("trade_off")
    yield Badges(tuple(_badges(facts)))


def _points(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the facts of the short answer that the run has."""
    said = (
        ("Speed", _at(facts, top.answer_times(facts))),
        ("API crash", top.api_crash(facts)),
        ("Worker crash", top.worker_crash(facts)),
        ("Your load", which.per_crash(facts)),
        ("Price", top.price(facts)),
    )
    yield from ((name, text) for name, text in said if text)


def _at(facts: Facts, said: str | None) -> str | None:
    """Name the load, unless nothing is said of it."""
    at = facts.primary
    return f"{facts.names.condition(at)}: {said}" if said and at else None


def _badges(facts: Facts) -> Iterator[tuple[str, str]]:
    record, badge = facts.tables.record, trust.aa_badge(facts)
    gates = checks.gates(facts)
    yield "well" if gates.is_well else "bad", gates.text.partition(" passed")[0] + " valid"
    yield MARKS.get(badge, ""), badge
    if facts.primary:
        yield "", counted(facts.blocks(facts.primary), "block")
    if facts.faults:
        fewest = min(fate.episodes for key, fate in facts.cells.items() if key[0] in facts.faults)
        yield "", f"{counted(fewest, 'episode')} of each fault"
    cores, processor = (record.machine.get(name) for name in ("cores", "processor"))
    if cores:
        yield "", f"{counted(cores, 'core')}{f', {processor}' if processor else ''}"
    yield "", f"{record.started_at[:10]}, profile {PurePath(record.profile_name).stem}"
