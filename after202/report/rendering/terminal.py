"""The short answer for a terminal: at most 22 lines of 80 columns, the answer first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from textwrap import wrap

from after202.kernel.text import printable
from after202.records.experiment import Condition
from after202.report.blocks import Block, Heading, Items, Text
from after202.report.facts import Facts
from after202.report.facts.fates import Fate
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import SPACE, counted, mib, ms
from after202.report.sentences import advice, checks, limits, load, plain, top, trust

COLUMNS, ROWS, MOST = 80, 22, 8
NAME, FIGURE = 27, 8
MISSING = "-"


@dataclass(frozen=True)
class Part:
    """Lines that belong together; where there is no room, those that matter least are left out."""

    matters: int
    lines: list[str]


def lines(facts: Facts, more: Iterable[str] = ()) -> list[str]:
    """Return the short answer; `more` are sentences to show where there is room."""
    parts = [part for part in _parts(facts, more) if part.lines]
    while sum(len(part.lines) for part in parts) + len(parts) - 1 > ROWS and len(parts) > 1:
        parts.remove(min(parts, key=lambda part: part.matters))
    found: list[str] = []
    for part in parts:
        found += ["", *part.lines] if found else part.lines
    return [printable(line.replace(SPACE, " "))[:COLUMNS] for line in found[:ROWS]]


def shown(block: Block) -> str:
    """Return a block of texts for a terminal."""
    match block:
        case Text(text) | Heading(text):
            return printable(plain(text))
        case Items(found):
            return printable(plain("\n".join(found)))
        case _:
            raise TypeError(f"a terminal shows no {type(block).__name__}")


def _parts(facts: Facts, more: Iterable[str]) -> Iterator[Part]:
    yield Part(9, [_head(facts)])
    said = trust.warning(facts) or advice.advice(facts) or ""
    yield Part(10, [*_wrapped(top.headline(facts)), *_wrapped(said)])
    yield Part(8, _table(facts))
    yield Part(4, _sizes(facts))
    for sentence in (load.capacities(facts), *more):
        yield Part(5, _wrapped(sentence or "", "  "))
    yield Part(7, [line for text in _doubts(facts) for line in _wrapped(f"! {text}", "  ")])
    yield Part(3, list(_missing(facts)))


def _wrapped(text: str, indent: str = "") -> list[str]:
    # Where a number and its unit must not be parted, they are joined by a no-break space.
    return wrap(plain(text), COLUMNS, subsequent_indent=indent, break_on_hyphens=False)


def _head(facts: Facts) -> str:
    record = facts.tables.record
    cores = record.machine.get("cores")
    parts = (
        checks.gates(facts).text.partition(" passed")[0] + " valid",
        trust.aa_badge(facts),
        counted(cores, "core") if isinstance(cores, int) else "",
    )
    day = f", {record.started_at[:10]}" if record.started_at else ""
    return f"after202 {PurePath(record.profile_name).stem}{day}: {', '.join(filter(None, parts))}"


def _table(facts: Facts) -> list[str]:
    """Return a line per strategy: times and cost at one load, and what crashes left undone."""
    at = facts.primary
    everyone = _shown(facts, at)
    if not everyone:
        return []
    heads = ("answers", "done", "CPU/job", "memory") if at else ()
    first = facts.names.condition(at) if at else "Accepted jobs left undone"
    last = "left undone" if at and facts.faults else ""
    head = f"{first:<{NAME}}{''.join(f'{one:>{FIGURE}}' for one in heads)}  {last}".rstrip()
    rows = [_row(facts, who, at) for who in everyone[:MOST]]
    left = len(everyone) - MOST
    return [head, *rows, *([f" and {left} more on the page"] if left > 0 else [])]


def _shown(facts: Facts, at: Condition | None) -> list[Who]:
    """Return whom the table shows: the defaults and what is advised first, in the usual order."""
    everyone = facts.measured(at) if at else list(facts.met(*facts.faults))
    if at is None:
        return everyone
    first = [*facts.defaults(at), *advice.safe(facts, at)[:2]]
    rest = [who for who in everyone if who not in first]
    return [*facts.ordered([*first, *rest][:MOST]), *[*first, *rest][MOST:]]


def _row(facts: Facts, who: Who, at: Condition | None) -> str:
    figures = _figures(facts, who, at) if at else []
    undone = _undone(facts, who) if facts.faults else ""
    name = f" {facts.names.who(who)}"[:NAME]
    return f"{name:<{NAME}}{''.join(f'{one:>{FIGURE}}' for one in figures)}  {undone}".rstrip()


def _figures(facts: Facts, who: Who, at: Condition) -> list[str]:
    used = facts.used(who, at)
    found = [facts.time(who, at, metric) for metric in (ANSWER, DONE)]
    return [
        *(ms(one.ms) if one else MISSING for one in found),
        ms(used.cpu_ms) if used else MISSING,
        mib(used.memory_bytes) if used else MISSING,
    ]


def _undone(facts: Facts, who: Who) -> str:
    """Return the first fault that left jobs undone, in the order of the advice."""
    harms = advice.harms(facts, who)
    met = [fault for fault in facts.faults if facts.fate(who, fault)]
    first = next((fault for fault in (*facts.essential(who), *harms) if fault in harms), None)
    if first is None:
        undecided = [f for f in met if not _fate(facts, who, f).keeps_all]
        return "not decided" if undecided else "none" if met else MISSING
    name = advice.FAULT_NAMES.get(first, facts.names.when(first))
    fate = _fate(facts, who, first)
    return f"{name} {fate.undone}/{fate.accepted}"


def _fate(facts: Facts, who: Who, fault: str) -> Fate:
    return facts.fate(who, fault) or Fate()


def _sizes(facts: Facts) -> list[str]:
    """Return a line per other load: when the work is done."""
    others = [one for one in facts.conditions if one != facts.primary]
    if not others:
        return []
    head = "Done" if all(map(facts.has_verdicts, others)) else "Done; where blocks are few, sizes"
    return [head, *(line for one in others for line in _line(facts, one))]


def _line(facts: Facts, condition: Condition) -> list[str]:
    found = {who: facts.time(who, condition, DONE) for who in facts.measured(condition)}
    parts = [f"{facts.names.who(who)} {ms(one.ms)}" for who, one in found.items() if one]
    return _wrapped(f"  {facts.names.condition(condition)}: {', '.join(parts)}", "    ")


def _doubts(facts: Facts) -> Iterator[str]:
    """Yield the checks that failed, unless a warning stands above."""
    for one in checks.checks(facts):
        if not one.is_well and not (trust.warning(facts) and one.title == checks.TWICE):
            yield one.text


def _missing(facts: Facts) -> Iterator[str]:
    """Yield what is not in this run, and the command that measures it."""
    commands = [(text, cmd) for text, cmd in limits.limits(facts) if "PROFILE=" in cmd]
    for text, command in commands:
        yield from _wrapped(f"Not in this run: {text[:1].lower()}{text[1:-1]} ({command})", "  ")
