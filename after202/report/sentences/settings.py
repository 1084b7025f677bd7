"""What settings buy, and what they take."""

from after202.kernel.model import DOCUMENTED
from after202.report.facts import Facts
from after202.report.facts.fates import Fate
from after202.report.facts.names import Who
from after202.report.facts.times import ANSWER, DONE
from after202.report.numbers import apart_ms, counted, listed
from after202.report.sentences import rule

Before = tuple[Who, Who, Fate, Fate]


def shared(facts: Facts) -> list[Before]:
    """Return each variant beside its strategy's default, over the faults that both met."""
    found = []
    for who in facts.everyone:
        default = Who(who.strategy)
        mine = {fault for fault in facts.faults if facts.fate(who, fault)}
        both = [fault for fault in sorted(mine) if facts.fate(default, fault)]
        before, after = facts.fate(default, *both), facts.fate(who, *both)
        if who.variant != DOCUMENTED and before and after:
            found.append((default, who, before, after))
    return found


@rule("Jobs left undone over the faults that default and variant both met, of those accepted.")
def settings_buy(facts: Facts) -> str | None:
    """Say what each variant saves."""
    parts = [
        f"{facts.names.who(who)}: {after.undone:,} of {after.accepted:,} left undone,"
        f" {before.undone:,} of {before.accepted:,} by default"
        for _, who, before, after in shared(facts)
        if before.undone or after.undone
    ]
    return f"Over the same faults, {'; '.join(parts)}." if parts else None


@rule("Jobs done twice over the faults that default and variant both met.")
def settings_take(facts: Facts) -> str | None:
    """Say what redelivery takes: jobs done twice."""
    found = shared(facts)
    twice = [(who, after) for _, who, _, after in found if after.twice]
    if not found:
        return None
    if not twice:
        return "None of these variants did a job twice."
    counts = [f"{f.twice} of {f.accepted:,} with {facts.names.who(who)}" for who, f in twice]
    return f"What is handed out again may be done twice: {listed(counts)}."


@rule(
    "p50 of a variant less that of its strategy's default, at one load; both against the baseline."
)
def settings_slow(facts: Facts) -> str | None:
    """Say what a variant takes in time beside its default."""
    parts = []
    for at in facts.conditions:
        for who in facts.measured(at):
            default = Who(who.strategy)
            pair = [(facts.time(who, at, m), facts.time(default, at, m)) for m in (ANSWER, DONE)]
            if who == default or not all(mine and base for mine, base in pair):
                continue
            answer, done = (apart_ms(mine.ms - base.ms) for mine, base in pair if mine and base)
            parts.append(f"{facts.names.who(who)} answers {answer} and is done {done}")
    return f"Beside the default, {'; '.join(dict.fromkeys(parts))}." if parts else None


@rule("The settings that a variant's processes reported, without defaults that are only named.")
def how_many(facts: Facts) -> str | None:
    """Say how many settings each variant has."""
    every = facts.tables.settings
    own = {who: sum(not one.is_default for one in every[who]) for who in facts.ordered(every)}
    found = {who: number for who, number in own.items() if number}
    if not found:
        return None
    said = [f"{counted(found[who], 'setting')} with {facts.names.who(who)}" for who in found]
    return f"{listed(said)}."
