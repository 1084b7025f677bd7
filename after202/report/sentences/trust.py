"""Whether a run can be believed: the live A/A test, and the warning in place of the advice."""

from after202.analyse.statistics.difference import Difference
from after202.report.facts import Facts
from after202.report.facts.times import ANSWER, Control
from after202.report.numbers import counted
from after202.report.sentences import rule

SAME, DIFFERENT, OPEN, NO_TEST = "A/A: same", "A/A: different", "A/A: cannot tell", "no A/A verdict"
ENOUGH_VALID = 0.9
EXPLORED = 0.99
NOTHING_HOLDS = "Do not believe the rest."


def decisive(facts: Facts) -> list[Control]:
    """Return the A/A tests of the p50 and p90 that have a verdict; the p99 is exploratory."""
    found = [one for one in facts.controls if one.quantile < EXPLORED]
    return [one for one in found if one.judged.verdict != Difference.TOO_FEW]


def is_failed(facts: Facts) -> bool:
    """Whether the baseline is told apart from its own copy."""
    return any(one.is_different for one in decisive(facts))


def is_undecided(facts: Facts) -> bool:
    """Whether an A/A test of a median, by which the advice goes, cannot tell."""
    medians = [one for one in decisive(facts) if one.quantile == 0.5]
    return any(not one.is_the_same and not one.is_different for one in medians)


@rule(
    """Different: the baseline and its copy are told apart at p50 or p90 of any load. Cannot tell:
    not shown to be the same at a p50. Same: shown at every p50."""
)
def aa_badge(facts: Facts) -> str:
    """Say what the A/A test came to."""
    if not decisive(facts):
        return NO_TEST
    if is_failed(facts):
        return DIFFERENT
    return OPEN if is_undecided(facts) else SAME


@rule(
    """In place of the advice: the A/A test failed or cannot tell, fewer than nine of ten trials are
    valid, there is no baseline to compare with, or there are too few blocks for a verdict."""
)
def warning(facts: Facts) -> str | None:
    """Say why there is no advice."""
    planned, passed = valid(facts)
    doubt = _doubt(aa_badge(facts), facts.names.who(facts.baseline))
    if doubt is None and passed < ENOUGH_VALID * planned:
        return f"Only {passed} of {planned} trials are valid, so this run advises nothing."
    return doubt or _without_verdicts(facts)


def _doubt(badge: str, base: str) -> str | None:
    """Say what the A/A test forbids."""
    if badge == DIFFERENT:
        return f"{base} ran twice under two names, and the two are told apart. {NOTHING_HOLDS}"
    if badge == OPEN:
        return (
            f"{base} ran twice under two names, and this run cannot show that the two are the same:"
            " it is too short, or the machine too noisy. So it advises nothing."
        )
    return None


def _without_verdicts(facts: Facts) -> str | None:
    """Say why there are no verdicts, if there are none."""
    at, base = facts.primary, facts.names.who(facts.baseline)
    if at is None:
        return "Times were not measured in this run. Nothing is advised whose times are not known."
    if facts.time(facts.baseline, at, ANSWER) is None:
        return f"{base} was not measured, with which the others are compared: these are sizes."
    if facts.has_verdicts(at):
        return None
    return f"{counted(facts.blocks(at), 'block')} of the longest comparison: sizes, and no advice."


def valid(facts: Facts) -> tuple[int, int]:
    """Return how many trials were planned for times or faults, and how many of them are valid."""
    planned = {one.id for one in facts.tables.record.planned if one.kind != "probe"}
    stored: dict[str, bool] = {}
    for row in facts.tables.rows("trials"):  # a row per leg
        stored[row["trial"]] = stored.get(row["trial"], True) and bool(row["valid"])
    return len(planned | stored.keys()), sum(stored.values())
