"""What it costs: CPU time and memory."""

from after202.report.facts import Facts
from after202.report.facts.names import Who
from after202.report.numbers import listed, mib, number
from after202.report.sentences import rule
from after202.report.sentences.common import names

HOURS_PER_MILLION = 1000 / 3600


def _totals(facts: Facts) -> dict[Who, tuple[float, float]]:
    at = facts.primary
    found = {who: facts.used(who, at) for who in facts.defaults(at)} if at else {}
    return {who: (used.cpu_ms, used.memory_bytes) for who, used in found.items() if used}


@rule(
    "CPU per job in ms × 1,000 / 3,600: hours for a million jobs, at the load of the short answer."
)
def million(facts: Facts) -> str | None:
    """Say what a million jobs take."""
    hours = {who: cpu * HOURS_PER_MILLION for who, (cpu, _) in _totals(facts).items()}
    if not hours:
        return None
    parts = [f"{number(value)} with {facts.names.who(who)}" for who, value in hours.items()]
    return f"Core-hours for a million of these jobs: **{listed(parts)}**."


@rule("Peak memory of all roles: the largest in process, then each queue, with the slots.")
def memory(facts: Facts) -> str | None:
    """Say how much memory each takes."""
    sizes = {who: size for who, (_, size) in _totals(facts).items()}
    inside = [size for who, size in sizes.items() if not facts.has_worker(who)]
    parts = [f"{mib(size)} with {facts.names.who(who)}"
             for who, size in sizes.items() if facts.has_worker(who)]  # fmt: skip
    first = [f"{mib(max(inside))} in process"] if inside else []
    if not sizes:
        return None
    slots = facts.tables.record.profile.slots
    return f"Memory: {listed([*first, *parts])}, with {slots} slots."


@rule("The strategy and variant with the most CPU per job, and what its file says of itself.")
def dearest(facts: Facts) -> str | None:
    """Say who costs most, and what it does."""
    totals = _totals(facts)
    if len(totals) < 2:
        return None
    most = max(totals, key=lambda who: totals[who][0])
    what = facts.names.what(most.strategy).rstrip(".")
    return f"{names(facts, [most])} costs most{f': {what}' if what else ''}."
