"""What survives which fault, with a row per strategy and variant."""

from collections.abc import Iterable
from dataclasses import dataclass

from after202.analyse import tables
from after202.analyse.jobs.guarantees import Guarantees, Verdict, decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, Summary
from after202.report.blocks import Items, Section, Text, table
from after202.report.sections import Reported

PLACE = 20
SHORT = {"no persistence": "none", "save points": "save", "AOF everysec": "1s", "AOF always": "AOF"}
NOTHING = "-"
COLUMNS = ("strategy", "all done in", "lost", "failed", "open", "late", "again")
LEGEND = (
    "lost: accepted work that was never done, and nobody has it or a record of it; failed: never"
    " done, with a record of the failure; open: undecided, because the queue still held work at the"
    " horizon, nothing was accepted, the fault was not seen, or the queue cannot be inspected;"
    " late: done after the deadline; again: a step was begun more than once, so a job must be"
    " idempotent"
)
SHORTENED = (
    "Visibility timeouts and intervals of the hardened variants are shortened, like the jobs; all"
    " of them are in the settings below."
)


@dataclass(frozen=True)
class Outcome:
    """What one fault did to a strategy's work: its guarantees, and the classes that jobs are in."""

    guarantees: Guarantees
    classes: frozenset[str]

    @property
    def is_open(self) -> bool:
        """Whether it is undecided that everything is done."""
        return self.guarantees.done_at_least_once is Verdict.UNKNOWN

    @property
    def is_done(self) -> bool:
        """Whether everything is done."""
        return self.guarantees.done_at_least_once is Verdict.HOLDS

    @property
    def begins_again(self) -> bool:
        """Whether a step was begun more than once."""
        return self.guarantees.begun_at_most_once is Verdict.BROKEN


def section(reported: Reported) -> Section | None:
    """Return the table, and a line that describes each fault."""
    run = reported.run
    if not run.episodes:
        return None
    survived = table(COLUMNS, rows(run), caption=LEGEND)
    titles = tuple(f"{name}: {title}" for name, title in run.record.faults.items())
    blocks = (survived, Text(SHORTENED), Items(titles))
    return Section("What survives which fault", blocks, terminal=(survived,))


def rows(run: Run) -> list[tuple[str, ...]]:
    """Return a row per strategy and variant: the faults by what they did to its work."""
    found: dict[str, dict[str, Outcome]] = {}
    cells = tables.cells(run.only_episodes())
    varied = _varied(cells)
    for (strategy, variant, fault, broker), episodes in cells.items():
        name = f"{fault}/{SHORT.get(broker, broker)}" if fault in varied else fault
        found.setdefault(f"{strategy} {variant}", {})[name] = _outcome(episodes)
    return [_row(label, faults) for label, faults in found.items()]


def _outcome(episodes: list[Summary]) -> Outcome:
    classes = frozenset(name for each in episodes for name in each.classes)
    return Outcome(decide(each.seen for each in episodes), classes)


def _varied(cells: Iterable[tables.Cell]) -> set[str]:
    """Return the faults that some strategy met at more than one durability."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for strategy, variant, fault, broker in cells:
        found.setdefault((strategy, variant, fault), set()).add(broker)
    return {fault for (_, _, fault), brokers in found.items() if len(brokers) > 1}


def _row(label: str, faults: dict[str, Outcome]) -> tuple[str, ...]:
    def having(outcome_class: OutcomeClass) -> str:
        return _listed(name for name, found in faults.items() if outcome_class in found.classes)

    return (
        label,
        _listed(name for name, found in faults.items() if found.is_done),
        having(OutcomeClass.LOST),
        having(OutcomeClass.FAILED_VISIBLY),
        _listed(name for name, found in faults.items() if found.is_open),
        having(OutcomeClass.LATE),
        _listed(name for name, found in faults.items() if found.begins_again),
    )


def _listed(names: Iterable[str]) -> str:
    return " ".join(sorted(names)) or NOTHING
