"""Tables of outcomes in Markdown: a row per fault, a column per strategy and variant."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from after202 import brokers
from after202.analyse import tables
from after202.analyse.run import Run
from after202.analyse.summaries import Summary

# Classes of accepted jobs in a cell's words, the worst first; `once` is what is left.
WORDS = {
    "lost": "lost",
    "failed_visibly": "failed",
    "stranded": "stranded",
    "unseen": "unseen",
    "duplicated": "twice",
    "late": "late",
}
AGAIN, ACCEPTED, ONCE = "begun again", "accepted", "once"
ALL_ONCE, NONE_ACCEPTED, NOT_THERE = "all once", "none accepted", "·"
# Faults by what they hit: nothing, API, client, job, worker, broker, database.
ORDER = "FANTWRD"
COUNT = re.compile(rf"(\d+) ({'|'.join([*WORDS.values(), AGAIN])})")
TOTAL = re.compile(r" of (\d+)")
IN_PROCESS = "In-process strategies"

Row = tuple[str, str]


class Group(NamedTuple):
    """What shares a table: the in-process strategies, or the variants of one queue."""

    title: str
    columns: list[str]
    rows: list[Row]
    cells: dict[tuple[Row, str], str]


def markdown(run: Run, faults: Sequence[str]) -> str:
    """Return the run's tables of these faults, each under its title."""
    found = list(_groups(run, faults))
    return "\n\n".join(f"**{group.title}**\n\n{_table(group)}" for group in found)


def words(seen: Sequence[Summary]) -> str:
    """Return what became of a cell's accepted jobs, in words that `counts` reads."""
    evidence = [each.seen for each in seen]
    accepted = sum(one.accepted for one in evidence)
    if not accepted:
        return NONE_ACCEPTED
    total = {name: sum(one.classes.get(name, 0) for one in evidence) for name in WORDS}
    bad = ", ".join(f"{total[name]} {word}" for name, word in WORDS.items() if total[name])
    again = sum(one.begun_again for one in evidence)
    ending = f"; {again} {AGAIN}" if again else ""
    return (f"{bad} of {accepted}" if bad else ALL_ONCE) + ending


def counts(cell: str) -> dict[str, int]:
    """Return a cell's words as numbers of jobs; of one in which all is well, only what is not."""
    found = dict.fromkeys([*WORDS.values(), AGAIN], 0)
    found |= {word: int(number) for number, word in COUNT.findall(cell)}
    if total := TOTAL.search(cell):
        found[ACCEPTED] = int(total[1])
    return found


def read(text: str) -> dict[tuple[str, str], str]:
    """Return the cells of all tables of a text by row and column, except those not tried."""
    cells: dict[tuple[str, str], str] = {}
    header: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            header = []
            continue
        first, *rest = [word.strip() for word in line.strip("|").split("|")]
        if first == "fault":
            header = rest
        elif header and set(first) != {"-"}:
            pairs = zip(header, rest, strict=True)
            cells |= {(first, column): cell for column, cell in pairs if cell != NOT_THERE}
    return cells


def _groups(run: Run, faults: Sequence[str]) -> Iterable[Group]:
    found = {
        cell: episodes
        for cell, episodes in tables.cells(run.only_episodes()).items()
        if cell[2] in faults
    }
    varied = _varied(found)
    titles = {name: _title(run, name) for name, _, _, _ in found}
    for title in sorted(set(titles.values()), key=lambda title: (title != IN_PROCESS, title)):
        cells: dict[tuple[Row, str], str] = {}
        for (strategy, variant, fault, durability), episodes in found.items():
            if titles[strategy] == title:
                row = (fault, durability if fault in varied else "")
                cells[row, f"{strategy} {variant}"] = words(episodes)
        columns = sorted({column for _, column in cells}, key=partial(_rank, run))
        rows = sorted({row for row, _ in cells}, key=_place)
        yield Group(title, columns, rows, cells)


def _title(run: Run, strategy: str) -> str:
    facts = run.record.strategies[strategy]
    return facts.label if facts.broker else IN_PROCESS


def _rank(run: Run, column: str) -> tuple[str, int, str]:
    """Return a column's sort key: variants in the order in which their strategy has them."""
    strategy, variant = column.split(" ", 1)
    known = list(run.record.strategies[strategy].variants)
    return strategy, known.index(variant) if variant in known else len(known), variant


def _varied(cells: Iterable[tables.Cell]) -> set[str]:
    """Return the faults that some variant met at more than one durability."""
    times = Counter((strategy, variant, fault) for strategy, variant, fault, _ in cells)
    return {fault for (_, _, fault), number in times.items() if number > 1}


def _place(row: Row) -> tuple[int, str, int]:
    fault, durability = row
    known = [name for broker in brokers.names() for name in brokers.load(broker).durabilities]
    return (
        ORDER.find(fault[0]),
        fault,
        known.index(durability) if durability in known else len(known),
    )


def _table(group: Group) -> str:
    lines = [_line(["fault", *group.columns]), _line(["---"] * (len(group.columns) + 1))]
    for row in group.rows:
        cells = [group.cells.get((row, column), NOT_THERE) for column in group.columns]
        lines.append(_line([" ".join(filter(None, row)), *cells]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace(" --- ", "---")
