"""What to use: the rules of the advice, and the sentences that give it."""

from after202.records.experiment import Condition
from after202.report.facts import Facts
from after202.report.facts.fates import Fate
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import counted, listed, percent
from after202.report.sentences import rule
from after202.report.sentences.common import names, of_accepted, soonest

FAULT_NAMES = {"A3": "API crash", "A2": "API deploy", "W2": "worker crash", "W5": "worker deploy"}


def for_lossy(facts: Facts, condition: Condition) -> Who | None:
    """Return what to use for work that may get lost: the soonest answer, ties to the simpler.

    Simpler is what comes first in the order of the report: in the process before a queue, the
    default before what needs settings.
    """
    return next(iter(soonest(facts, condition, ANSWER, facts.measured(condition))), None)


def is_tried(facts: Facts, who: Who) -> bool:
    """Whether it met every fault that it must survive to be called safe."""
    return all(facts.fate(who, fault) for fault in facts.essential(who))


def is_safe(facts: Facts, who: Who) -> bool:
    """Whether every accepted job was done in API crash, worker crash and both deploys."""
    found = [facts.fate(who, fault) for fault in facts.essential(who)]
    return all(fate is not None and fate.keeps_all for fate in found)


def safe(facts: Facts, condition: Condition) -> list[Who]:
    """Return what is safe, answers before the work, and was timed; the one done soonest first."""
    found = [
        who
        for who in facts.measured(condition)
        if is_safe(facts, who) and not facts.works_first(who) and facts.time(who, condition, DONE)
    ]
    return sorted(found, key=lambda who: facts.ms(who, condition, DONE))


def waiting(facts: Facts, condition: Condition) -> Who | None:
    """Return what to use if the client can wait: safe, and it answers when the work is done."""
    found = [
        who for who in facts.measured(condition) if is_safe(facts, who) and facts.works_first(who)
    ]
    return min(found, key=lambda who: facts.ms(who, condition, ANSWER), default=None)


def harms(facts: Facts, who: Who) -> dict[str, Fate]:
    """Return the faults in which it left accepted jobs undone."""
    found = {fault: facts.fate(who, fault) for fault in facts.faults}
    return {fault: fate for fault, fate in found.items() if fate is not None and fate.undone}


def spotless(facts: Facts, condition: Condition) -> Who | None:
    """Return the soonest of the safe that left nothing undone in any fault it met."""
    return next((who for who in safe(facts, condition) if not harms(facts, who)), None)


@rule(
    """Of the load of the short answer, where it has a verdict. May get lost: the soonest answer at
    p50, ties to the simpler. Must not: a strategy and variant that answers before the work, was
    timed in that variant, and did every accepted job in API crash, worker crash and both deploys
    (in-process: API crash and deploy), with the number of episodes and the 95 % upper bound. Of
    these the one done soonest, with what it left undone in harsher faults, and the soonest that
    left nothing undone in any fault, if that is another."""
)
def advice(facts: Facts) -> str | None:
    """Say what to use, or what is missing to say it."""
    condition = facts.primary
    if condition is None or not facts.has_verdicts(condition):
        return None
    lossy = for_lossy(facts, condition)
    first = f"Use **{facts.names.who(lossy)}** for work that may get lost. " if lossy else ""
    return f"{first}{_for_the_rest(facts, condition)}"


def _for_the_rest(facts: Facts, condition: Condition) -> str:
    found = safe(facts, condition)
    if not found:
        return _nothing_safe(facts, condition)
    best = found[0]
    said = f"For work that may not, use **{facts.names.who(best)}**: {_kept(facts, best)}"
    harsher = harms(facts, best)
    if not harsher:
        return f"{said}, and in every fault tried."
    worse = listed([f"{of_accepted(f)} when {facts.names.when(n)}" for n, f in harsher.items()])
    other = spotless(facts, condition)
    also = f" **{facts.names.who(other)}** did every job in every fault tried." if other else ""
    return f"{said}; not in harsher faults: {worse}.{also}"


def _kept(facts: Facts, who: Who) -> str:
    """Say which faults it survived, in how many episodes, and the upper bound."""
    found = {fault: facts.fate(who, fault) for fault in facts.essential(who)}
    met = [fate for fate in found.values() if fate is not None]
    fewest = min(met, key=lambda fate: fate.evidence)
    what = listed([FAULT_NAMES[fault] for fault in found])
    accepted = sum(fate.accepted for fate in met)
    return (
        f"it did all {accepted:,} jobs in {what}"
        f" ({counted(fewest.evidence, 'episode')} of each, so up to {percent(fewest.bound)} of such"
        " faults may still lose one)"
    )


def _nothing_safe(facts: Facts, condition: Condition) -> str:
    """Say why nothing is advised for work that must not get lost."""
    candidates = [who for who in facts.measured(condition) if not facts.works_first(who)]
    tried = [who for who in candidates if is_tried(facts, who)]
    elsewhere = [
        who for who in facts.everyone
        if who not in candidates and not facts.works_first(who) and is_safe(facts, who)
    ]  # fmt: skip
    timed_only = f" {names(facts, elsewhere)} did, but was not timed." if elsewhere else ""
    if not tried:
        return f"What is safe this run does not say: not every fault was tried.{timed_only}"
    failed = names(facts, tried, "or")
    return f"For work that may not: not {failed}, which did not do every job.{timed_only}"
