"""What was found, in plain words."""

import math

from after202.analyse.findings.comparisons import EXPLORATORY, Finding
from after202.analyse.report.blocks import Items, Section, Text
from after202.analyse.report.sections import Reported
from after202.analyse.statistics.difference import EQUIVALENCE, Difference

PLACE = 30
NOTHING_TO_COMPARE = "Nothing to compare: only one strategy, or no valid pair of trials."
CONTROL = (
    'The baseline against a second copy of itself. "Different" means that this run cannot be'
    ' trusted; "cannot tell", that it is too short or the machine too noisy to show that it can:'
)
DOES = {"response": "answers", "completion": "finishes the work"}


def section(reported: Reported) -> Section | None:
    """Return a sentence per comparison, with those of the live A/A test listed separately."""
    if not reported.run.comparisons:
        return None
    said = tuple(sentence(f) for f in reported.found if not f.is_control)
    control = tuple(sentence(f) for f in reported.found if f.is_control)
    blocks = (Items(said or (NOTHING_TO_COMPARE,)),)
    return Section("In words", (*blocks, Text(CONTROL), Items(control)) if control else blocks)


def sentence(finding: Finding) -> str:
    """Put one finding into a sentence."""
    c = finding.pairing
    at = f"at p{c.quantile * 100:g} ({c.arm.condition.label})"
    who, does, other = c.arm.label, DOES[c.metric], c.baseline.label
    if finding.is_control:
        return (
            f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}: {finding.said}"
        )
    if finding.verdict in (Difference.FASTER, Difference.SLOWER):
        text = f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}"
    elif finding.verdict == Difference.SAME:
        text = f"{who} {does} as fast as {other} {at}{_within(finding)}{_seen(finding)}"
    else:
        text = (
            f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}:"
            f" {finding.verdict}{_more(finding)}"
        )
    return text + (" (exploratory)" if c.quantile == EXPLORATORY else "")


def _times(finding: Finding) -> str:
    """Format the ratio so that the number is at least 1."""
    word = "slower" if finding.ratio > 1 else "faster"
    return f"{_factor(max(finding.ratio, _inverse(finding.ratio)))} {word}"


def _factor(ratio: float) -> str:
    """Format a factor, which is infinite if what one of the sides was asked for never ended."""
    return "infinitely" if math.isinf(ratio) else f"{ratio:.2f} x"


def _inverse(ratio: float) -> float:
    return 1 / ratio if ratio else math.inf


def _number(ratio: float) -> str:
    return "infinity" if math.isinf(ratio) else f"{ratio:.2f}"


def _between(finding: Finding) -> str:
    """Format the 95 % interval of the same number."""
    if finding.interval is None:
        return ""
    low, high = finding.interval
    if finding.ratio <= 1:
        low, high = _inverse(high), _inverse(low)
    return f", between {_number(low)} and {_number(high)}"


def _within(finding: Finding) -> str:
    """Format the 90 % interval and the region of practical equivalence that contains it."""
    if finding.interval_90 is None:
        return ""
    low, high = finding.interval_90
    region = EQUIVALENCE[finding.pairing.quantile]
    return f": takes {low:.2f} to {high:.2f} times as long (90% interval), within {region:.0%}"


def _seen(finding: Finding) -> str:
    """State the smallest difference that would have been detected."""
    if finding.detectable is None or math.isinf(finding.detectable):
        return "; with so few blocks, no difference could have been detected"
    return f"; a difference of {finding.detectable - 1:.1%} would have been detected"


def _more(finding: Finding) -> str:
    """State how many more blocks may settle the verdict."""
    if finding.more_blocks is None:
        return ""
    blocks = "block" if finding.more_blocks == 1 else "blocks"
    return f"; about {finding.more_blocks} more {blocks} may settle it"
