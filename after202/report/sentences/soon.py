"""How soon: when the work is done, where the gap is widest, who slows down others."""

from after202.records.experiment import Condition
from after202.records.labels import lowered
from after202.report.facts import Facts
from after202.report.facts.names import LAYOUTS, Who
from after202.report.facts.times import DONE
from after202.report.numbers import counted, listed, ms, span, times
from after202.report.sentences import rule
from after202.report.sentences.common import beside, names, others, soonest

ALIKE = 1.25
BYSTANDER = "bystander_response"


@rule("p50 of the time until the work is done, by the rule of the answer.")
def done_times(facts: Facts, condition: Condition | None = None) -> str | None:
    """Say how soon the work is done with each strategy."""
    at = condition or facts.primary
    tied = soonest(facts, at, DONE) if at else []
    if at is None or not tied:
        return None
    first = span([facts.ms(who, at, DONE) for who in tied])
    rest = [
        f"{facts.names.who(who)} {beside(facts, who, at, DONE)}"
        for who in others(facts, at, DONE, tied)
    ]
    said = f"The work is done after **{first}** with {names(facts, tied)}"
    return f"{said}; {listed(rest)}." if rest else f"{said}."


@rule(
    "Over all loads with a baseline: the largest difference in ms between the medians until done."
)
def widest_gap(facts: Facts) -> str | None:
    """Say where the time until done differs most."""
    found = [
        (judged.ms, who, at)
        for (who, at, metric, quantile), judged in facts.verdicts.items()
        if (metric, quantile) == (DONE, 0.5) and judged.is_told_apart and judged.ms > 0
        and facts.time(who, at, DONE) and facts.time(facts.baseline, at, DONE)
    ]  # fmt: skip
    if not found:
        return None
    _, who, at = max(found, key=lambda one: one[0])
    base = facts.ms(facts.baseline, at, DONE)
    return (
        f"The gap is widest for {lowered(facts.names.condition(at))}: done after {ms(base)} with"
        f" {names(facts, [facts.baseline])}, and after **{beside(facts, who, at, DONE)}** with"
        f" {facts.names.who(who)}."
    )


@rule(
    "Largest over smallest p50 of an endpoint without work, in the load of the short answer: 1.25."
)
def bystander(facts: Facts) -> str | None:
    """Say whether work in the background slows down other requests."""
    at = facts.primary
    values: dict[Who, float] = {}
    for who in facts.measured(at) if at else []:
        found = facts.time(who, at, BYSTANDER) if at else None
        if found:
            values[who] = found.ms
    if len(values) < 2:
        return None
    said = f"An endpoint without work answered in {span(list(values.values()))} meanwhile"
    slowest = max(values, key=lambda who: values[who])
    if values[slowest] < ALIKE * min(values.values()):
        return f"{said}, whatever ran beside it."
    ratio = times(values[slowest] / min(values.values()))
    return f"{said}, slowest beside {facts.names.who(slowest)} ({ratio} the fastest)."


@rule("The load: its work, rate, layout, and how many blocks the baseline has.")
def load(facts: Facts, condition: Condition) -> str:
    """Say what was asked for, and how often it was measured."""
    work = facts.names.work(condition.workload)
    offered = (
        f"{condition.rate_per_s:g} requests a second"
        if condition.own_share is None
        else f"{100 * condition.own_share:g} % of each strategy's own capacity"
    )
    verdict = "" if facts.has_verdicts(condition) else ": sizes, no verdicts"
    return (
        f"{f'{work} ' if work else ''}{offered[0].upper()}{offered[1:]},"
        f" {counted(facts.blocks(condition), 'block')}{verdict};"
        f" {LAYOUTS[condition.layout]}."
    )
