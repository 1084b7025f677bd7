"""What is lost when something breaks: by where the work is, by fault, by variant."""

from after202.kernel.model import DOCUMENTED
from after202.report.facts import Facts
from after202.report.facts.fates import API_CRASH, WORKER_CRASH, Fate
from after202.report.facts.names import Who
from after202.report.numbers import counted, lasting, listed, percent
from after202.report.sentences import rule
from after202.report.sentences.advice import harms, is_safe
from after202.report.sentences.common import names, of_accepted


@rule(
    """Every in-process strategy that answers before the work left jobs undone in the API crash, and
    every queue by default did in the worker crash."""
)
def dies_with(facts: Facts) -> str | None:
    """Say that work dies with the process that does it."""
    crash = facts.met(API_CRASH)
    inside = [f for w, f in crash.items() if not facts.has_worker(w) and not facts.works_first(w)]
    if not inside or not all(fate.undone for fate in inside):
        return None
    killed = facts.met(WORKER_CRASH)
    queues = [fate for who, fate in killed.items() if who.variant == DOCUMENTED]
    if queues and all(fate.undone for fate in queues):
        return (
            "What runs in the API dies with the API. What runs in a worker is given up with the"
            " worker, unless the queue is told otherwise."
        )
    return "What runs in the API dies with the API."


@rule("Faults in which every strategy and variant that met them did every accepted job, once.")
def harmless(facts: Facts) -> str | None:
    """Say which faults did no harm."""
    quiet = [fault for fault in facts.faults if _is_quiet(list(facts.met(fault).values()))]
    if not quiet:
        return None
    whens = listed([facts.names.when(fault) for fault in quiet], "or")
    return f"Nobody left a job undone or did one twice when {whens}."


def _is_quiet(found: list[Fate]) -> bool:
    return bool(found) and all(fate.keeps_all and not fate.twice for fate in found)


@rule("In-process variants other than the default that left jobs undone in the API crash.")
def no_setting_saves(facts: Facts) -> str | None:
    """Say that no setting saves in-process work from a crash."""
    met = facts.met(API_CRASH)
    set_up = {w: f for w, f in met.items() if not facts.has_worker(w) and w.variant != DOCUMENTED}
    bad = {who: fate for who, fate in set_up.items() if fate.undone}
    if not bad or len(bad) < len(set_up):
        return None
    counts = listed([f"{facts.names.who(who)} {of_accepted(fate)}" for who, fate in bad.items()])
    return f"No setting tried saves in-process work from an API crash: {counts}."


@rule(
    "Variants that are safe by the rule of the advice, and what they left undone in harsher faults."
)
def not_zero(facts: Facts) -> str | None:
    """Say that safe is not perfect."""
    parts = [
        f"{facts.names.who(who)}: {of_accepted(fate)} when {facts.names.when(fault)}"
        for who in facts.everyone
        if is_safe(facts, who)
        for fault, fate in harms(facts, who).items()
    ]
    return f"Safe is not perfect. {'; '.join(parts)}." if parts else None


@rule("What queues say of redelivery by themselves (redelivery_s), where jobs were stuck.")
def stuck_until(facts: Facts) -> str | None:
    """Say how long a stuck job waits."""
    waits: dict[Who, float] = {}
    for row in facts.tables.rows("trials"):
        who = Who(row["strategy"], row["variant"])
        fate = facts.fate(who, row["fault"])
        if row["redelivery_s"] is not None and fate and fate.stuck:
            waits[who] = row["redelivery_s"]
    if not waits:
        return None
    said = listed([f"{lasting(value)} with {facts.names.who(w)}" for w, value in waits.items()])
    return f"Stuck: the queue holds the job until a timeout of its own, up to {said}."


@rule("Faults whose every cell has none undone: the fewest episodes of a cell, and its 95 % bound.")
def bound(facts: Facts) -> str | None:
    """Say what none undone leaves room for."""
    kept = [fate for (fault, _, _), fate in facts.cells.items()
            if fault in facts.faults and fate.keeps_all]  # fmt: skip
    if not kept:
        return None
    fewest = min(kept, key=lambda fate: fate.evidence)
    return (
        f"None lost in {counted(fewest.evidence, 'episode')} leaves room for up to"
        f" {percent(fewest.bound)} of such faults that lose one."
    )


@rule("Jobs done twice, of those accepted, over all faults; by strategy and variant.")
def done_twice(facts: Facts) -> str | None:
    """Say who did jobs twice."""
    met = facts.met(*facts.faults)
    twice = {who: fate for who, fate in met.items() if fate.twice}
    if not met:
        return None
    if not twice:
        return f"No job was done twice with {names(facts, met, 'or')}."
    counts = [f"{f.twice} of {f.accepted:,} with {facts.names.who(w)}" for w, f in twice.items()]
    return f"Done twice over all faults, so a job must be idempotent: {listed(counts)}."


@rule("This run tried no fault, and the reference run tried some on its strategies.")
def nothing_tried(facts: Facts) -> str | None:
    """Say that what follows is of another run."""
    return None if facts.faults else "This run tried no fault. The reference run did."


@rule("Faults and variants that the reference run tried on this run's strategies, and it did not.")
def of_the_reference_run(facts: Facts) -> str:
    """Say which run the cells below are of; the facts are its own."""
    record = facts.tables.record
    cores = counted(int(record.machine.get("cores", 0)), "core")
    return (
        f"From the reference run of {record.started_at[:10]}, on {cores}: other episodes than this"
        " run's, and counted nowhere above."
    )
