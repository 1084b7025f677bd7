"""What survives which fault, for the terminal and for the pages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rich.table import Table

from after202.analyse import tables
from after202.analyse.jobs.guarantees import Guarantees, Verdict, decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run

SHORT = {"no persistence": "none", "save points": "save", "AOF everysec": "1s", "AOF always": "AOF"}
NOTHING = "-"
LEGEND = (
    "lost: accepted work that nobody has any more; open: still held by the queue at the horizon,"
    " nothing was accepted, or the fault was not seen; failed: the work raised or was given up, and"
    " there is a record of it; twice: done more than once"
)


@dataclass(frozen=True)
class Survival:
    """One strategy in one variant: the faults by what they did to its guarantees."""

    label: str
    holds: str
    lost: str
    open: str
    failed: str
    twice: str


def only_episodes(run: Run) -> Run:
    """Return the run without its comparisons."""
    return replace(run, trials=())


def survivals(run: Run) -> list[Survival]:
    """Return a row per strategy and variant."""
    decided: dict[str, dict[str, Guarantees]] = {}
    failed: dict[str, list[str]] = {}
    varied = _varied(run)
    for (strategy, variant, fault, broker), found in tables.cells(only_episodes(run)).items():
        name = f"{fault}/{SHORT.get(broker, broker)}" if fault in varied else fault
        label = f"{strategy} {variant}"
        decided.setdefault(label, {})[name] = decide(each.seen for each in found)
        if any(each.classes.get(OutcomeClass.FAILED_VISIBLY) for each in found):
            failed.setdefault(label, []).append(name)
    return [_survival(label, faults, failed.get(label, [])) for label, faults in decided.items()]


def _varied(run: Run) -> set[str]:
    """Return the faults that were tried with more than one kind of persistence."""
    found: dict[str, set[str]] = {}
    for strategy, variant, fault, broker in tables.cells(only_episodes(run)):
        found.setdefault(f"{strategy} {variant} {fault}", set()).add(broker)
    return {name.split(" ")[-1] for name, brokers in found.items() if len(brokers) > 1}


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


def survival_table(run: Run) -> Table:
    """Return the table for the terminal, whose cells wrap."""
    table = Table(box=None, pad_edge=False, caption=LEGEND, caption_justify="left")
    for name in ("strategy", "nothing lost in", "lost in", "open in", "failed in", "twice in"):
        table.add_column(name, overflow="fold")
    for row in survivals(run):
        table.add_row(row.label, row.holds, row.lost, row.open, row.failed, row.twice)
    return table
