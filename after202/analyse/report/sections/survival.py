"""What survives which fault, with a row per strategy and variant."""

from collections.abc import Iterable
from dataclasses import dataclass

from after202.analyse import tables
from after202.analyse.jobs.guarantees import Guarantees, Verdict, decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.report.blocks import Items, Section, Text, table
from after202.analyse.report.sections import Reported
from after202.analyse.run import Run

PLACE = 20
SHORT = {"no persistence": "none", "save points": "save", "AOF everysec": "1s", "AOF always": "AOF"}
NOTHING = "-"
COLUMNS = ("strategy", "nothing lost in", "lost in", "open in", "failed in", "twice in")
LEGEND = (
    "lost: accepted work that nobody has any more; open: undecided, because the queue still held"
    " work at the horizon, nothing was accepted, the fault was not seen, or the queue cannot be"
    " inspected; failed: the work raised or was given up, with a record of it; twice: done more"
    " than once"
)
SHORTENED = (
    "Visibility timeouts and intervals of the hardened variants are shortened, like the jobs; all"
    " of them are in the settings below."
)


@dataclass(frozen=True)
class Survival:
    """One strategy in one variant, with the faults grouped by their effect on its guarantees."""

    label: str
    holds: str
    lost: str
    open: str
    failed: str
    twice: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        return self.label, self.holds, self.lost, self.open, self.failed, self.twice


def section(reported: Reported) -> Section | None:
    """Return the table, and a line that describes each fault."""
    run = reported.run
    if not run.episodes:
        return None
    survived = table(COLUMNS, [row.cells for row in survivals(run)], caption=LEGEND)
    titles = tuple(f"{name}: {title}" for name, title in run.record.faults.items())
    blocks = (survived, Text(SHORTENED), Items(titles))
    return Section("What survives which fault", blocks, terminal=(survived,))


def survivals(run: Run) -> list[Survival]:
    """Return a row per strategy and variant."""
    decided: dict[str, dict[str, Guarantees]] = {}
    failed: dict[str, list[str]] = {}
    cells = tables.cells(run.only_episodes())
    varied = _varied(cells)
    for (strategy, variant, fault, broker), found in cells.items():
        name = f"{fault}/{SHORT.get(broker, broker)}" if fault in varied else fault
        label = f"{strategy} {variant}"
        decided.setdefault(label, {})[name] = decide(each.seen for each in found)
        if any(each.classes.get(OutcomeClass.FAILED_VISIBLY) for each in found):
            failed.setdefault(label, []).append(name)
    return [_survival(label, faults, failed.get(label, [])) for label, faults in decided.items()]


def _varied(cells: Iterable[tables.Cell]) -> set[str]:
    """Return the faults that some strategy met at more than one durability."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for strategy, variant, fault, broker in cells:
        found.setdefault((strategy, variant, fault), set()).add(broker)
    return {fault for (_, _, fault), brokers in found.items() if len(brokers) > 1}


def _survival(label: str, faults: dict[str, Guarantees], failed: list[str]) -> Survival:
    def named(verdict: Verdict) -> str:
        return _listed(name for name, found in faults.items() if found.at_least_once is verdict)

    twice = (name for name, found in faults.items() if found.at_most_once is Verdict.BROKEN)
    return Survival(
        label,
        holds=named(Verdict.HOLDS),
        lost=named(Verdict.BROKEN),
        open=named(Verdict.UNKNOWN),
        failed=_listed(failed),
        twice=_listed(twice),
    )


def _listed(names: Iterable[str]) -> str:
    return " ".join(sorted(names)) or NOTHING
