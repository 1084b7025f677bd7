"""What was checked in a run: titles, whether all is well, and what was seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np

from after202.records.experiment import NO_FAULT
from after202.report.facts import Facts
from after202.report.numbers import counted, ms, percent, signed_ms
from after202.report.sentences import rule, trust

TWICE = "The same thing twice"
STEADY, RECORDING_GOAL, LATE_MS = 1.5, 0.97, 0.5


@dataclass(frozen=True)
class Checked:
    """What was checked in this run, whether it is well, and what was seen."""

    title: str
    is_well: bool
    text: str


@rule("The largest distance of the baseline from its copy, in ms, at p50 and p90; the verdicts.")
def same_twice(facts: Facts) -> Checked | None:
    """Say how far the baseline is from its own copy."""
    found = trust.decisive(facts)
    if not found:
        return None
    worst = max(found, key=lambda one: abs(one.judged.ms))
    apart, base = sum(one.is_different for one in found), facts.names.who(facts.baseline)
    open_ = sum(not one.is_the_same and not one.is_different for one in found)
    said = f"{base} ran twice under two names: {len(found)} comparisons"
    said += f", of which {apart} tell them apart" if apart else ""
    said += f", of which {open_} cannot tell" if open_ else ""
    said += "" if apart or open_ else ", and all say the same"
    far = f"The two are at most {signed_ms(abs(worst.judged.ms)).removeprefix('+')} apart"
    return Checked(
        TWICE,
        not apart and not trust.is_undecided(facts),
        f"{said}. {far} (p{100 * worst.quantile:g}, {facts.names.condition(worst.condition)}).",
    )


@rule("Trials stored and valid, of those planned; those whose two halves differ at the 1 % level.")
def gates(facts: Facts) -> Checked:
    """Say how many trials passed."""
    planned, passed = trust.valid(facts)
    drifting = sum(bool(row["drifting"]) for row in facts.tables.rows("trials"))
    drift = (
        f" {counted(drifting, 'trial')} drifted, as one in a hundred does by chance."
        if drifting
        else ""
    )
    return Checked(
        "Gates",
        passed == planned,
        f"{passed} of {planned} trials passed, each on new processes; a rejected one lends no"
        f" times.{drift}",
    )


@rule("completion.csv, without a fault: accepted jobs that were done exactly once.")
def accounted(facts: Facts) -> Checked | None:
    """Say whether every job is accounted for where nothing went wrong."""
    rows = [row for row in facts.tables.rows("completion") if row["fault"] == NO_FAULT]
    accepted, once = (sum(row[name] for row in rows) for name in ("accepted", "once"))
    if not rows:
        return None
    said = (
        f"Where nothing went wrong, {once:,} of {accepted:,} accepted jobs were done exactly once."
    )
    return Checked("Every job accounted for", once == accepted, said)


@rule("slip (due to sent): the largest p50 over all strategies and loads, with the largest p90.")
def punctual(facts: Facts) -> Checked | None:
    """Say how late the generator was."""

    def worst(quantile: float) -> float | None:
        found = [one.ms for key, one in facts.times.items() if key[2:] == ("slip", quantile)]
        return max(found, default=None)

    middle, high = worst(0.5), worst(0.9)
    if middle is None:
        return None
    p90 = f" ({ms(high)} at p90)" if high is not None else ""
    said = (
        f"Times count from when a request was due. It was sent {ms(middle)} later at the median of"
        f" the worst{p90}."
    )
    return Checked("A punctual generator", middle < LATE_MS, said)


@rule("CPU time of sending a request, over the median of the same arm: 5th and 95th percentile.")
def steady(facts: Facts) -> Checked | None:
    """Say how much the machine's speed varied."""
    relative = list(_relative_costs(facts))
    if not relative:
        return None
    low, high = np.quantile(relative, (0.05, 0.95))
    said = (
        f"The same work took the machine {low:.2f} to {high:.2f} times its usual CPU time (nine of"
        " ten trials)."
    )
    return Checked("A steady machine", bool(high / low < STEADY), said)


def _relative_costs(facts: Facts) -> Iterator[float]:
    arms: dict[str, list[float]] = {}
    for row in facts.tables.rows("trials"):
        if row["cpu_s_per_request"]:
            arms.setdefault(row["arm"], []).append(row["cpu_s_per_request"])
    for costs in arms.values():
        if len(costs) > 1:
            yield from (cost / median(costs) for cost in costs)


@rule("Throughput of an empty endpoint with recording over that without; the goal is 97 %.")
def observing(facts: Facts) -> Checked | None:
    """Say what recording costs."""
    share = facts.tables.record.overheads.get("instrumented_to_bare_throughput")
    if share is None:
        return None
    well = share >= RECORDING_GOAL
    said = (
        f"Recording takes {percent(1 - share)} of an empty endpoint's throughput, of every strategy"
    )
    return Checked("What measuring takes", well, said + ("." if well else "; the goal is 3 %."))


def checks(facts: Facts) -> list[Checked]:
    """Return what was checked in this run."""
    found = (
        same_twice(facts), gates(facts), accounted(facts), punctual(facts), steady(facts),
        observing(facts),
    )  # fmt: skip
    return [one for one in found if one is not None]
