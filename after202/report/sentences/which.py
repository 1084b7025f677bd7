"""Which to use: perspective on what a crash takes, and what kinds of work there are."""

import math

from after202.records.labels import lowered
from after202.report.facts import Facts
from after202.report.facts.fates import API_CRASH
from after202.report.facts.names import Who
from after202.report.facts.times import DONE
from after202.report.numbers import listed, number
from after202.report.sentences import rule
from after202.report.sentences.common import names

BUSY_PER_S = 100


@rule(
    """An estimate, by Little's law: rate × time until done (p50), at this run's rate and at 100/s.
    Of the in-process strategy that lost jobs in the API crash and holds the most; without such
    faults, of the in-process one that answers before the work."""
)
def per_crash(facts: Facts) -> str | None:
    """Say how much a crash takes at the reader's load."""
    at = facts.primary
    found = [who for who in facts.measured(at) if _dies_with_the_api(facts, who)] if at else []
    timed = [who for who in found if at and facts.time(who, at, DONE)]
    if at is None or not timed:
        return None
    who = max(timed, key=lambda one: facts.ms(one, at, DONE))
    held_s = facts.ms(who, at, DONE) / 1000
    if math.isinf(held_s):
        return None
    here, busy = (number(held_s * rate) for rate in (at.rate_per_s, BUSY_PER_S))
    work = lowered(facts.names.workload(at.workload))
    return (
        f"A crash takes what is in flight, about rate × time until done. For {work} with"
        f" {facts.names.who(who)} that is {here} jobs a crash at {at.rate_per_s:g}/s,"
        f" and {busy} at {BUSY_PER_S}/s."
    )


def _dies_with_the_api(facts: Facts, who: Who) -> bool:
    if facts.has_worker(who) or facts.works_first(who):
        return False
    fate = facts.fate(who, API_CRASH)
    return fate is None or fate.undone > 0


@rule("Loads without enough blocks for a verdict (fewer than six), with the blocks that they have.")
def few_blocks(facts: Facts) -> str | None:
    """Say which loads have sizes and no verdict."""
    few = [one for one in facts.conditions if not facts.has_verdicts(one)]
    if not few:
        return None
    labels = listed([lowered(facts.names.condition(one)) for one in few])
    return f"Sizes and no verdicts, from too few blocks or without the baseline: {labels}."


@rule("Variants whose times were measured; nothing is advised for another one.")
def timed_variants(facts: Facts) -> str | None:
    """Say which variants the run has faults of and no times."""
    timed = {key[0] for key in facts.times}
    untimed = [who for who in facts.met(*facts.faults) if who not in timed]
    if not timed or not untimed:
        return None
    return f"Met faults but were not timed, and so are not advised: {names(facts, untimed)}."
