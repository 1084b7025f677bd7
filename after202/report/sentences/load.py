"""At what load it breaks: capacities that were searched for, or an estimate, and who kept up."""

from after202.records.experiment import Layout
from after202.report.facts import Facts
from after202.report.facts.names import SHORT_LAYOUTS, Who
from after202.report.numbers import listed, number
from after202.report.sentences import rule

KEPT_UP = 0.75


@rule("capacity.csv: the rate at which the level is kept half of the time, with its 95 % interval.")
def capacities(facts: Facts) -> str | None:
    """Say the rate that each strategy keeps up with."""
    if not facts.limits:
        return None
    parts = []
    for who in sorted(facts.limits, key=lambda one: facts.limits[one].per_s):
        found = facts.limits[who]
        between = (
            f" ({number(found.low_per_s)} to {number(found.high_per_s)})"
            if found.low_per_s is not None and found.high_per_s is not None
            else ""
        )
        parts.append(f"**{number(found.per_s)}/s** with {facts.names.who(who)}{between}")
    one = next(iter(facts.limits.values()))
    where = SHORT_LAYOUTS[Layout(one.layout)]
    return f"{facts.names.workload(one.workload)}, {where}: {listed(parts)}."


@rule("The level of service that the search asked for.")
def level(facts: Facts) -> str | None:
    """Say what was asked of each rate."""
    found = next(iter(facts.limits.values()), None)
    return f"Asked for: {found.objective}." if found else None


@rule("An estimate: 1,000 ms ÷ CPU per job, the rate that keeps one core busy; without a search.")
def ceilings(facts: Facts) -> str | None:
    """Say at what rate one core is full, by CPU per job."""
    at = facts.primary
    found: dict[Who, float] = {}
    for who in facts.defaults(at) if at and not facts.limits else []:
        used = facts.used(who, at) if at else None
        if used and used.cpu_ms > 0:
            found[who] = 1000 / used.cpu_ms
    if not found:
        return None
    parts = [f"{value:.0f}/s with {facts.names.who(who)}" for who, value in found.items()]
    return (
        f"An estimate, from CPU per job: one core is full at about {listed(parts)}. CPU per job"
        " falls under load, so the limit is higher where polling weighs most."
    )


@rule("Goodput below 75 % of the offered rate, at any load; else everybody kept up.")
def kept_up(facts: Facts) -> str | None:
    """Say who did not keep up with what was offered."""
    rows = [row for row in facts.tables.rows("goodput") if "#" not in row["strategy"]]
    offered = [row for row in rows if row["rate_per_s"] and row.get("own_share") is None]
    if not offered:
        return None
    behind = [
        f"{facts.names.who(Who(row['strategy'], row['variant']))} did"
        f" {number(row['estimate_per_s'])} of {row['rate_per_s']:g} a second"
        f" ({facts.names.workload(row['workload'])})"
        for row in offered
        if row["estimate_per_s"] < KEPT_UP * row["rate_per_s"]
    ]
    if behind:
        return f"Did not keep up: {listed(behind)}."
    rates = listed([f"{rate:g}" for rate in sorted({row["rate_per_s"] for row in offered})], "or")
    return f"This run offered {rates} jobs a second, and everybody kept up."
