"""All numbers, folded: verdicts, times, usage, outcomes, machine, and every sentence's rule."""

from collections.abc import Iterator

from after202.report.blocks import Block, Cell, Fold, Section, table
from after202.report.sections import Reported, folded, in_order
from after202.report.sentences import RULES

PLACE = 80


def section(reported: Reported) -> Section:
    """Return the section; every run has it."""
    return Section("All numbers", tuple(_blocks(reported)), anchor="numbers", short="All numbers")


def _blocks(reported: Reported) -> Iterator[Block]:
    for module in in_order(folded.__name__, list(folded.__path__)):
        found = module.fold(reported)
        if found is not None:
            yield found
    expert = [chart for chart in reported.charts if chart.is_expert]
    if expert:
        yield Fold("Charts for experts", tuple(expert), f"{len(expert)}")
    yield Fold("How each sentence is made", (_rules(),), f"{len(RULES)} rules")


def _rules() -> Block:
    rows = [[Cell(name), Cell(text)] for name, text in RULES.items()]
    return table(("Sentence", "Its rule"), rows)
