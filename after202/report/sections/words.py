"""What was found, in plain words."""

import math
from collections.abc import Iterator

from after202.analyse.findings.finding import EXPLORATORY, Finding, Interval
from after202.analyse.marks import IN_WORDS
from after202.analyse.statistics.difference import EQUIVALENCE, Difference
from after202.report.blocks import Items, Section, Text
from after202.report.numbers import factor, in_ms
from after202.report.sections import Reported

PLACE = 30
NOTHING_TO_COMPARE = "Nothing to compare: only one strategy, or no valid pair of trials."
CONTROL = (
    'The baseline against a second copy of itself. "Different" means that this run cannot be'
    ' trusted; "cannot tell", that it is too short or the machine too noisy to show that it can:'
)
ONE_SESSION = (
    "Intervals are of this session: the machine of another hour may differ by more than they are"
    " wide. after202 pool takes several runs of the same profile and says by how much."
)
DOES = {"response": "answers", "completion": "finishes the work"}
DECIDED = (Difference.FASTER, Difference.SLOWER)


def section(reported: Reported) -> Section | None:
    """Return a sentence per comparison, with those of the live A/A test listed separately."""
    if not reported.run.comparisons:
        return None
    said = tuple(sentence(f) for f in reported.found if not f.is_control)
    control = tuple(sentence(f) for f in reported.found if f.is_control)
    live = (Text(CONTROL), Items(control)) if control else ()
    listed = Items(said or (NOTHING_TO_COMPARE,))
    blocks = (listed, Text(ONE_SESSION), *_without_ratio(reported.found), *live)
    return Section("In words", blocks)


def _without_ratio(found: tuple[Finding, ...]) -> Iterator[Text]:
    """Yield why some comparisons have no ratio."""
    slept = dict.fromkeys(
        (f.pairing.arm.workload, f.pairing.mail_delay_ms) for f in found if f.log_ratio is None
    )
    for workload, delay_ms in slept:
        yield Text(
            f"The mail server sleeps {delay_ms:g} ms in each job of {workload}. Times that may hold"
            " this sleep are compared by their difference alone: it would dilute their ratio."
        )


def sentence(finding: Finding) -> str:
    """Put one finding into a sentence."""
    c = finding.pairing
    if finding.verdict == Difference.SAME and not finding.is_control:
        text = (
            f"{c.arm.label} {DOES[c.metric]} as soon as {c.baseline.label} {_at(finding)}:"
            f" {_within(finding)}{_seen(finding)}"
        )
    elif math.isinf(finding.difference_ms):
        text = _never(finding) + _verdict(finding)
    else:
        text = (
            f"{c.arm.label} {DOES[c.metric]} {_by(finding)} than {c.baseline.label} {_at(finding)}"
            f"{_times(finding)}{_verdict(finding)}"
        )
    return text + (" (exploratory)" if c.quantile == EXPLORATORY else "")


def _at(finding: Finding) -> str:
    c = finding.pairing
    return f"at p{c.quantile * 100:g} ({c.arm.condition.label})"


def _by(finding: Finding) -> str:
    """Format the difference as a positive number, with the 95 % interval of the same number."""
    word = "later" if finding.difference_ms >= 0 else "sooner"
    return f"{in_ms(abs(finding.difference_ms))} ms {word}{_between(finding)}"


def _between(finding: Finding) -> str:
    if finding.interval_ms is None:
        return ""
    low, high = finding.interval_ms
    if finding.difference_ms < 0:
        low, high = -high, -low
    return f" ({_to((low, high))})"


def _never(finding: Finding) -> str:
    """Say which of the two never does it at this quantile."""
    c = finding.pairing
    late, other = c.arm.label, c.baseline.label
    if finding.difference_ms < 0:
        late, other = other, late
    return f"{late} never {DOES[c.metric]} {_at(finding)}, but {other} does{_between(finding)}"


def _times(finding: Finding) -> str:
    """Format the ratio with its 95 % interval, if there is one."""
    if finding.ratio is None:
        return ""
    between = finding.interval
    interval = f" ({factor(between[0])} to {factor(between[1])})" if between else ""
    return f" and takes {factor(finding.ratio)} times as long{interval}"


def _verdict(finding: Finding) -> str:
    """State the verdict where the sentence does not say it already."""
    if finding.is_control:
        return f": {finding.said}"
    if finding.verdict in DECIDED:
        return ""
    few = f" ({IN_WORDS})" if finding.pairing.blocks == 1 else ""
    return f": {finding.verdict}{few}{_more(finding)}"


def _within(finding: Finding) -> str:
    """Format the 90 % interval and the region of practical equivalence that contains it."""
    shift, ratio = finding.shift_ms, finding.log_ratio
    narrow = (shift.narrow.low or 0.0, shift.narrow.high or 0.0)
    difference = f"{_to(narrow)} ms later (90% interval)"
    if shift.is_equivalent or ratio is None:
        return f"{difference}, within {shift.region:g} ms"
    low, high = math.exp(ratio.narrow.low or 0.0), math.exp(ratio.narrow.high or 0.0)
    region = EQUIVALENCE[finding.pairing.quantile]
    return f"{difference}, {factor(low)} to {factor(high)} times as long, within {region:.0%}"


def _to(interval: Interval) -> str:
    return f"{in_ms(interval[0])} to {in_ms(interval[1])}"


def _seen(finding: Finding) -> str:
    """State the smallest difference that would have been detected."""
    if finding.detectable_ms is None or math.isinf(finding.detectable_ms):
        return "; with so few blocks, no difference could have been detected"
    return f"; a difference of {in_ms(finding.detectable_ms)} ms would have been detected"


def _more(finding: Finding) -> str:
    """State how many more blocks may settle the verdict."""
    if finding.more_blocks is None:
        return ""
    blocks = "block" if finding.more_blocks == 1 else "blocks"
    return f"; about {finding.more_blocks} more {blocks} may settle it"
