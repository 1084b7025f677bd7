"""What do I lose when something breaks? The crashes job by job, then every fault and variant."""

from collections.abc import Collection, Iterator

from after202.records.trial import NOT_DURABLE
from after202.report.blocks import Block, Cell, Fold, Section, Table, table, texts
from after202.report.facts import Facts
from after202.report.facts.names import Who
from after202.report.sections import Reported
from after202.report.sections.glance import survival
from after202.report.sentences import lost, top, which

PLACE = 30
SIGNS = (
    "All done: every accepted job was done, late ones too. Lost: nobody has it or a record of it."
    " Failed: never done, with a record that an operator can find. Stuck: the queue still held it"
    " at the end. Twice: a job was done more than once."
)


def section(reported: Reported) -> Section | None:
    """Return the section; None if neither this run nor the reference run tried a fault."""
    tried = tuple(_tried(reported)) if reported.facts.faults else ()
    blocks = (*tried, *_untried(reported.facts, reported.reference))
    if not blocks:
        return None
    return Section(
        "What do I lose when something breaks?", blocks, anchor="lost", short="What is lost?"
    )


def _tried(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    yield from texts(lost.dies_with(facts), look="lead")
    yield from texts(top.api_crash(facts), top.worker_crash(facts))
    yield from reported.drawings("job_by_job", "jobs")
    yield from texts(which.per_crash(facts), lost.stuck_until(facts), lost.no_setting_saves(facts))
    yield Fold("Every fault, every variant", tuple(_every(facts)), is_open=True)


def _every(facts: Facts) -> Iterator[Block]:
    yield from texts(lost.harmless(facts), lost.not_zero(facts), lost.done_twice(facts))
    yield from texts(lost.bound(facts), SIGNS, look="small")
    for strategy in dict.fromkeys(who.strategy for who in facts.met(*facts.faults)):
        yield _grid(facts, strategy)


def _untried(facts: Facts, known: Facts | None) -> Iterator[Block]:
    """Yield what the reference run has of this run's strategies and this run has not."""
    if known is None:
        return
    mine = {who.strategy for who in facts.everyone}
    cells = [key for key in known.cells if key[0] in known.faults and key[2].strategy in mine]
    missing = {(key[0], key[2].strategy) for key in cells if key not in facts.cells}
    if not missing:
        return
    yield from texts(lost.nothing_tried(facts), look="lead")
    grids = [
        _grid(known, strategy, {fault for fault, whose in missing if whose == strategy}, facts)
        for strategy in dict.fromkeys(who.strategy for who in known.met(*known.faults))
        if any(whose == strategy for _, whose in missing)
    ]
    yield Fold("What this run did not try", (*texts(lost.of_the_reference_run(known)), *grids))


def _grid(
    facts: Facts, strategy: str, faults: Collection[str] = (), tried: Facts | None = None
) -> Table:
    """Return a strategy's table: a row per fault and what the broker writes, a column a variant.

    Of these faults, or of all; cells that another run tried say so in place of what became of jobs.
    """
    wanted = faults or facts.faults
    mine = [who for who in facts.met(*wanted) if who.strategy == strategy]
    keys = sorted({key[:2] for key in facts.cells if key[2] in mine and key[0] in wanted})
    rows = [[_name(facts, *key), *(_cell(facts, key, who, tried) for who in mine)] for key in keys]
    heads = ("Fault", *(facts.names.variant(who.variant) for who in mine))
    return table(heads, rows, caption=facts.names.strategy(strategy))


def _name(facts: Facts, fault: str, broker: str) -> Cell:
    return Cell(facts.names.fault(fault), notes=() if broker == NOT_DURABLE else (broker,))


def _cell(facts: Facts, key: tuple[str, str], who: Who, tried: Facts | None) -> Cell:
    fate = facts.cells.get((*key, who))
    if tried is not None and (*key, who) in tried.cells:
        return Cell("above", "none")
    return Cell("not tried", "none") if fate is None else survival(fate)
