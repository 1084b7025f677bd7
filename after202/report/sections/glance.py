"""All strategies at a glance: times, what survives, cost; a table per load."""

from collections.abc import Callable, Iterator, Sequence

from after202.records.experiment import Condition
from after202.report.blocks import Block, Cell, Text, table
from after202.report.facts import Facts
from after202.report.facts.fates import API_CRASH, DEPLOYS, WORKER_CRASH, Fate
from after202.report.facts.fates import DONE as ALL_DONE
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import mib, ms, times
from after202.report.sentences import soon
from after202.report.sentences.common import of_accepted

HEADS = (
    "Strategy", "Answers in", "Done in", "API crash", "Deploy", "Worker crash", "CPU per job",
    "Memory",
)  # fmt: skip
SAID = {
    "lost": "loses jobs", "failed": "jobs fail", "stuck": "jobs get stuck", "unseen": "not known",
    "twice": "some twice", "done": "all done", "none": "not decided",
}  # fmt: skip
NOT_TRIED, HAS_NONE, NOT_KNOWN = (
    Cell("not tried", "none"),
    Cell("has no worker", "none"),
    Cell("not known", "none"),
)


def glance(facts: Facts, condition: Condition) -> tuple[Block, ...]:
    """Return the table of a load; columns that no row has anything in are left out."""
    found = facts.measured(condition)
    columns: list[tuple[str, Sequence[Cell]]] = [
        (HEADS[1], _times(facts, found, condition, ANSWER)),
        (HEADS[2], _times(facts, found, condition, DONE)),
        (HEADS[3], [_survival(facts, who, (API_CRASH,)) for who in found]),
        (HEADS[4], [_survival(facts, who, DEPLOYS) for who in found]),
        (HEADS[5], [_of_worker(facts, who) for who in found]),
        (HEADS[6], _used(facts, found, condition, _cpu)),
        (HEADS[7], _used(facts, found, condition, _memory)),
    ]
    shown = [(head, cells) for head, cells in columns if any(c.mark != "none" for c in cells)]
    firsts = [_first(facts, who) for who in found]
    rows = [[first, *(cells[number] for _, cells in shown)] for number, first in enumerate(firsts)]
    heads = (HEADS[0], *(head for head, _ in shown))
    return (
        table(heads, rows, caption=facts.names.condition(condition)),
        Text(f"{soon.load(facts, condition)} Times are medians, with the p90 below.", "small"),
    )


def _first(facts: Facts, who: Who) -> Cell:
    what = facts.names.what(who.strategy)
    is_default = who == Who(who.strategy)
    return Cell(facts.names.who(who), notes=(what,) if what and is_default else ())


def _times(facts: Facts, found: list[Who], condition: Condition, metric: str) -> list[Cell]:
    every = {who: facts.time(who, condition, metric) for who in found}
    most = max((one.ms for one in every.values() if one and one.ms < float("inf")), default=0)
    return [
        Cell(
            f"**{ms(one.ms)}**",
            notes=tuple(_tail(facts, who, condition, metric)),
            share=min(one.ms / most, 1) if most else None,
        )
        if one
        else NOT_KNOWN
        for who, one in every.items()
    ]


def _tail(facts: Facts, who: Who, condition: Condition, metric: str) -> Iterator[str]:
    found = facts.time(who, condition, metric, 0.9)
    if found:
        yield f"p90 {ms(found.ms)}"


def _of_worker(facts: Facts, who: Who) -> Cell:
    return _survival(facts, who, (WORKER_CRASH,)) if facts.has_worker(who) else HAS_NONE


def _survival(facts: Facts, who: Who, faults: tuple[str, ...]) -> Cell:
    fate = facts.fate(who, *faults)
    return NOT_TRIED if fate is None else survival(fate)


def survival(fate: Fate) -> Cell:
    """Return what became of jobs as a cell: the worst, and the counts."""
    worst = fate.worst
    if worst == ALL_DONE:
        return Cell(SAID[worst], worst, (f"{fate.accepted:,} of {fate.accepted:,}",))
    if worst == "twice":
        return Cell(SAID[worst], worst, (f"{fate.twice} of {fate.accepted:,}",))
    if worst == "none":
        return Cell(SAID[worst], worst)
    twice = (f"{fate.twice} twice",) if fate.twice else ()
    return Cell(SAID[worst], worst, (of_accepted(fate), *twice))


Figure = Callable[[Facts, Who, Condition], tuple[float, str] | None]


def _used(facts: Facts, found: list[Who], condition: Condition, figure: Figure) -> list[Cell]:
    every = {who: figure(facts, who, condition) for who in found}
    most = max((one[0] for one in every.values() if one), default=0)
    base = every.get(facts.baseline)
    cells = []
    for who, one in every.items():
        ratio = (times(one[0] / base[0]),) if one and base and who != facts.baseline else ()
        share = one[0] / most if one and most else None
        cells.append(Cell(f"**{one[1]}**", notes=ratio, share=share) if one else NOT_KNOWN)
    return cells


def _cpu(facts: Facts, who: Who, condition: Condition) -> tuple[float, str] | None:
    used = facts.used(who, condition)
    return (used.cpu_ms, ms(used.cpu_ms)) if used and used.cpu_ms else None


def _memory(facts: Facts, who: Who, condition: Condition) -> tuple[float, str] | None:
    used = facts.used(who, condition)
    return (used.memory_bytes, mib(used.memory_bytes)) if used and used.memory_bytes else None
