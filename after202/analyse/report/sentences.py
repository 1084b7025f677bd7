"""What was found, in plain words."""

import math

from after202.analyse.findings.comparisons import EXPLORATORY, Finding
from after202.analyse.statistics.verdict import EQUIVALENCE, Verdict

DOES = {"response": "answers", "completion": "finishes the work"}


def sentence(finding: Finding) -> str:
    """Say one finding as a sentence."""
    c = finding.comparison
    at = f"at p{c.quantile * 100:g} ({c.arm.condition.label})"
    who, does, other = c.arm.label, DOES[c.metric], c.baseline.label
    if finding.is_control:
        return (
            f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}: {finding.said}"
        )
    if finding.verdict in (Verdict.FASTER, Verdict.SLOWER):
        text = f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}"
    elif finding.verdict == Verdict.SAME:
        text = f"{who} {does} as fast as {other} {at}{_within(finding)}{_seen(finding)}"
    else:
        text = (
            f"{who} {does} {_times(finding)} than {other} {at}{_between(finding)}:"
            f" {finding.verdict}{_more(finding)}"
        )
    return text + (" (exploratory)" if c.quantile == EXPLORATORY else "")


def _times(finding: Finding) -> str:
    """Say the ratio, so that the number is above 1."""
    word = "slower" if finding.ratio > 1 else "faster"
    return f"{max(finding.ratio, 1 / finding.ratio):.2f} x {word}"


def _between(finding: Finding) -> str:
    """Say the interval of the same number."""
    if finding.interval is None:
        return ""
    low, high = finding.interval
    if finding.ratio <= 1:
        low, high = 1 / high, 1 / low
    return f", between {low:.2f} and {high:.2f}"


def _within(finding: Finding) -> str:
    """Say the interval that lies in the region of practical equivalence, and that region."""
    if finding.interval_90 is None:
        return ""
    low, high = finding.interval_90
    region = EQUIVALENCE[finding.comparison.quantile]
    return f": takes {low:.2f} to {high:.2f} times as long (90% interval), within {region:.0%}"


def _seen(finding: Finding) -> str:
    """Say how small a difference would have been seen."""
    if finding.detectable is None or math.isinf(finding.detectable):
        return "; so few blocks could not have shown a difference"
    return f"; a difference of {finding.detectable - 1:.1%} would have been seen"


def _more(finding: Finding) -> str:
    """Say how many blocks it would take."""
    if finding.more_blocks is None:
        return ""
    return f"; some {finding.more_blocks} more blocks may settle it"
