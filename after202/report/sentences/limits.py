"""What a run does not say, and what does."""

from collections.abc import Iterator

from after202.records.labels import lowered
from after202.report.facts import Facts
from after202.report.facts.fates import Fate
from after202.report.numbers import counted, listed, percent
from after202.report.sentences import rule


@rule("What the tables leave open, each with the command that closes it.")
def limits(facts: Facts) -> list[tuple[str, str]]:
    """Return what this run does not say, and what does."""
    return list(_limits(facts))


def _limits(facts: Facts) -> Iterator[tuple[str, str]]:
    for name, reason in facts.tables.record.unavailable.items():
        yield f"{facts.names.strategy(name)} was left out: {reason}.", f"after202 env {name}"
    met = facts.met(*facts.faults)
    if not met:
        yield "What is lost when something breaks.", "make bench PROFILE=faults"
    else:
        struck = [fate for key, fate in facts.cells.items() if key[0] in facts.faults]
        fewest = min(struck, key=_evidence)
        yield (
            (
                f"{counted(fewest.episodes, 'episode')} of a fault at least: where none loses a"
                f" job, up to {percent(fewest.bound)} of such faults may."
            ),
            "make bench PROFILE=faults",
        )
    if not facts.limits:
        yield "At what load each strategy breaks.", "make bench PROFILE=capacity"
    few = [one for one in facts.conditions if not facts.has_verdicts(one)]
    if few:
        labels = listed([lowered(facts.names.condition(one)) for one in few])
        yield f"Verdicts for {labels}: too few blocks.", "a profile with more blocks"
    if facts.conditions:
        yield "Another hour: intervals are of this session.", "after202 pool"
    cores = facts.tables.record.machine.get("cores")
    if isinstance(cores, int) and cores < 4:
        yield (
            (
                f"Your machine: this one has {counted(cores, 'core')}, and differences travel"
                " better than times."
            ),
            "make bench",
        )


def _evidence(fate: Fate) -> int:
    return fate.evidence
