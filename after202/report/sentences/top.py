"""The short answer: headline, speed, what crashes take, price."""

from after202.analyse.trials.charge import TOTAL
from after202.records.experiment import Condition
from after202.report.facts import Facts
from after202.report.facts.fates import API_CRASH, WORKER_CRASH, Fate
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import listed, ms, span, times
from after202.report.sentences import rule, trust
from after202.report.sentences.common import beside, names, of_accepted, others, soonest

LOSES = "The fastest answers are the ones you lose."


@rule(
    """If the A/A test fails: that. With verdicts, if every strategy that ties for the soonest
    answer left accepted jobs undone in the API crash and another did all of them: "The fastest
    answers are the ones you lose." Else who answers first and who is done first. Without verdicts:
    what the run is. With faults alone: who did every job in all of them. With pressure alone: who
    accepted every request."""
)
def headline(facts: Facts) -> str:
    """Say the finding in one line."""
    if trust.is_failed(facts):
        return "This run cannot be trusted."
    condition = facts.primary
    if condition is None:
        return _of_faults(facts)
    if not facts.has_verdicts(condition):
        return "A look at sizes: too few blocks for verdicts."
    fast, crash = set(soonest(facts, condition, ANSWER)), facts.met(API_CRASH)
    lose = {who for who, fate in crash.items() if fate.undone}
    if fast <= lose and any(fate.keeps_all for fate in crash.values()):
        return LOSES
    first, done = (soonest(facts, condition, metric) for metric in (ANSWER, DONE))
    if first == done:
        return f"{names(facts, first)} {_verb(first, 'answer')} and {_verb(first, 'finish')} first."
    return (
        f"{names(facts, first)} {_verb(first, 'answer')} first,"
        f" {names(facts, done)} {_verb(done, 'finish')} first."
    )


def _verb(found: list[Who], verb: str) -> str:
    if len(found) != 1:
        return verb
    return f"{verb}es" if verb.endswith("sh") else f"{verb}s"


def _of_faults(facts: Facts) -> str:
    met = facts.met(*facts.faults)
    kept = [who for who, fate in met.items() if fate.keeps_all]
    if not met:
        return _of_pressure(facts)
    if not kept:
        return "Nobody did every accepted job in every fault."
    if len(kept) == len(met):
        return "Every accepted job was done, whatever went wrong."
    return f"{names(facts, kept)} did every accepted job in every fault it met."


def _of_pressure(facts: Facts) -> str:
    shares = [row for row in facts.tables.rows("pressure") if row["figure"] == "accepted_share"]
    least: dict[Who, float] = {}
    for row in shares:
        who = Who(row["strategy"], row["variant"])
        least[who] = min(least.get(who, 1.0), row["lowest"])
    refused = facts.ordered(who for who, share in least.items() if share < 1)
    if not least:
        return "Nothing was measured yet."
    if not refused:
        return "Under pressure, everyone accepted every request: it is the work that waits."
    return f"Under pressure, {names(facts, refused)} did not accept every request."


@rule(
    """p50 of the answer. Those not told apart from the soonest are named together with the range
    of their medians, the others with the difference from the baseline in ms, and the ratio. "Works
    first": in-process, and its answer comes after 90 % of the time until the work is done. Without
    enough blocks, told apart means 1.25 times as long and more than 0.1 ms."""
)
def answer_times(facts: Facts, condition: Condition | None = None) -> str | None:
    """Say how soon each strategy answers."""
    at = condition or facts.primary
    tied = soonest(facts, at, ANSWER) if at else []
    if at is None or not tied:
        return None
    first = span([facts.ms(who, at, ANSWER) for who in tied])
    rest = [
        f"{facts.names.who(who)}{', which works first,' if facts.works_first(who) else ''}"
        f" in {beside(facts, who, at, ANSWER)}"
        for who in others(facts, at, ANSWER, tied)
    ]
    said = f"**{names(facts, tied)}** {_verb(tied, 'answer')} in **{first}**"
    return f"{said}; {listed(rest)}." if rest else f"{said}."


@rule(
    """Accepted jobs that were not done, of those accepted, in the API crash. "All that was in
    flight": at least as many as were in flight when it struck."""
)
def api_crash(facts: Facts) -> str | None:
    """Say what a crash of the API took."""
    return _crash(facts, API_CRASH, "the API was killed")


@rule("The same for the worker crash, by strategy and variant.")
def worker_crash(facts: Facts) -> str | None:
    """Say what a crash of the worker took."""
    return _crash(facts, WORKER_CRASH, "the worker was killed")


def _crash(facts: Facts, fault: str, when: str) -> str | None:
    met = facts.met(fault)
    bad = {who: fate for who, fate in met.items() if fate.undone}
    kept = [who for who, fate in met.items() if fate.keeps_all]
    undecided = [who for who in met if who not in bad and who not in kept]
    if not met:
        return None
    parts = []
    if bad:
        counts = listed([f"{facts.names.who(w)} {of_accepted(f)}" for w, f in bad.items()])
        parts.append(f"**{counts}**{_all_in_flight(facts, fault, bad)}")
    if kept:
        of = listed([f"{met[who].accepted:,}" for who in kept])
        parts.append(f"{names(facts, kept)} did every job (of {of})")
    if undecided:
        parts.append(f"for {names(facts, undecided)} it is not known")
    return f"When {when}: {'; '.join(parts)}."


def _all_in_flight(facts: Facts, fault: str, bad: dict[Who, Fate]) -> str:
    flight: dict[Who, int] = {}
    for row in facts.tables.rows("recovery"):
        if row["fault"] == fault:
            who = Who(row["strategy"], row["variant"])
            flight[who] = flight.get(who, 0) + row["in_flight"]
    if all(0 < flight.get(who, 0) <= fate.undone for who, fate in bad.items()):
        return ", all that was in flight"
    return ""


@rule("CPU per job done and peak memory, all roles, beside the baseline's: difference, then ratio.")
def price(facts: Facts) -> str | None:
    """Say what each queue takes beside the baseline."""
    at = facts.primary
    base = facts.used(facts.baseline, at) if at else None
    if at is None or base is None:
        return None
    parts = []
    for who in facts.defaults(at):
        found = facts.used(who, at, TOTAL)
        if found and facts.has_worker(who):
            more = f"{ms(found.cpu_ms)} ({times(found.cpu_ms / base.cpu_ms)})"
            memory = times(found.memory_bytes / base.memory_bytes)
            parts.append(f"{facts.names.who(who)} **{more}** and {memory} the memory")
    if not parts:
        return None
    return (
        f"A job takes {names(facts, [facts.baseline])} {ms(base.cpu_ms)} of CPU; {listed(parts)}."
    )
