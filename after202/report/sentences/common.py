"""Parts that sentences share: who ties, what the others take beside it, who did what to jobs."""

from collections.abc import Iterable, Sequence

from after202.records.experiment import Condition
from after202.report.facts import Facts
from after202.report.facts.fates import Fate
from after202.report.facts.names import Who
from after202.report.numbers import apart_ms, counted, listed, ms, times


def names(facts: Facts, found: Iterable[Who], last: str = "and") -> str:
    """Return the labels of strategies, as a sentence lists them."""
    return listed([facts.names.who(who) for who in found], last)


def soonest(
    facts: Facts, condition: Condition, metric: str, among: Sequence[Who] | None = None
) -> list[Who]:
    """Return who is soonest: whoever has the least time, and whoever is not told apart from it.

    It is among the default variants, unless others are named.
    There is a verdict on each strategy beside the baseline alone. If the baseline is among the
    soonest, those that tie with it tie. If others are sooner, those among them tie whose intervals
    overlap.
    """
    every = facts.defaults(condition) if among is None else among
    found = [who for who in every if facts.time(who, condition, metric)]
    sooner = [who for who in found if _is_sooner(facts, who, condition, metric)]
    if not sooner and facts.baseline in found:
        return [who for who in found if not _is_apart(facts, who, condition, metric)]
    rest = sooner or found
    first = min(rest, key=lambda who: facts.ms(who, condition, metric), default=None)
    return [who for who in rest if first and _overlap(facts, who, first, condition, metric)]


def _is_apart(facts: Facts, who: Who, condition: Condition, metric: str) -> bool:
    judged = facts.judged(who, condition, metric)
    return who != facts.baseline and (judged is None or judged.is_told_apart)


def _is_sooner(facts: Facts, who: Who, condition: Condition, metric: str) -> bool:
    judged = facts.judged(who, condition, metric)
    return judged is not None and judged.is_sooner


def _overlap(facts: Facts, one: Who, other: Who, condition: Condition, metric: str) -> bool:
    mine = facts.times[one, condition, metric, 0.5]
    theirs = facts.times[other, condition, metric, 0.5]
    if one == other:
        return True
    if mine.low_ms is None or theirs.high_ms is None:
        return False
    return mine.low_ms <= theirs.high_ms


def beside(facts: Facts, who: Who, condition: Condition, metric: str) -> str:
    """Return a strategy's time, with its difference from the baseline and the ratio."""
    taken_ms, judged = facts.ms(who, condition, metric), facts.judged(who, condition, metric)
    if judged is None:
        return ms(taken_ms)
    ratio = "" if judged.ratio is None else f", {times(judged.ratio)}"
    return f"{ms(taken_ms)} ({apart_ms(judged.ms)}{ratio})"


def others(facts: Facts, condition: Condition, metric: str, tied: Sequence[Who]) -> list[Who]:
    """Return the other default variants, the sooner first."""
    found = [who for who in facts.defaults(condition) if who not in tied]
    timed = [who for who in found if facts.time(who, condition, metric)]
    return sorted(timed, key=lambda who: facts.ms(who, condition, metric))


def of_accepted(fate: Fate) -> str:
    """Return what became of jobs that were not done, with their denominator."""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (fate.lost, "lost"), (fate.failed, "failed"), (fate.stuck, "stuck"),
            (fate.unseen, "not seen again"),
        )
        if count
    ]  # fmt: skip
    return f"{', '.join(parts) or 'none lost'} of {fate.accepted:,}"


def episodes(facts: Iterable[Fate]) -> str:
    """Return how many episodes there were of each, such as "3 episodes each"."""
    numbers = sorted({fate.episodes for fate in facts})
    if not numbers:
        return "no episode"
    if len(numbers) == 1:
        return f"{counted(numbers[0], 'episode')} each"
    return f"{numbers[0]} to {numbers[-1]} episodes each"
