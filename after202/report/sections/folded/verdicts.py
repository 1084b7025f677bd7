"""Every comparison: the difference, the ratio, the verdict, and what would settle an open one."""

import math
from collections.abc import Callable, Iterator

from after202.analyse.findings.finding import EXPLORATORY, Finding
from after202.analyse.marks import IN_WORDS
from after202.analyse.statistics.difference import EQUIVALENCE, Difference
from after202.analyse.statistics.shifted import Interval
from after202.report.blocks import Cell, Fold, Text, table
from after202.report.facts.names import Names
from after202.report.numbers import factor, in_ms, signed_ms
from after202.report.sections import Reported

PLACE = 10
COLUMNS = ("Strategy", "What", "Later by", "As long", "Verdict")
DOES = {"response": "answers", "completion": "is done"}
EXPLAINED = (
    "Each strategy beside {base}, paired within blocks, with 95 % intervals of this session: the"
    " machine of another hour may differ by more than they are wide. after202 pool takes several"
    " runs and says by how much. Slower, faster: Holm's p below 0.05, and more apart than both"
    " regions: 5, 10 and 25 % (p50, p90, p99); 0.1, 0.2 and 0.5 ms. No measurable difference: the"
    " 90 % interval lies within one of them. The p99 is exploratory. A copy is the baseline under"
    ' another name: "different" means that this run cannot be trusted, "cannot tell" that it is too'
    " short to show that it can."
)
NO_RATIO = "-"


def fold(reported: Reported) -> Fold | None:
    """Return a row per comparison; None if nothing is compared."""
    names = reported.facts.names
    if not reported.found:
        return None
    rows = [row(finding, names) for finding in reported.found]
    base = names.who(reported.facts.baseline)
    blocks = (Text(EXPLAINED.format(base=base), "small"), table(COLUMNS, rows, 2))
    return Fold("Verdicts", blocks, f"{len(rows)} comparisons with {base}")


def row(finding: Finding, names: Names) -> list[Cell]:
    """Return what one comparison found."""
    c = finding.pairing
    return [
        Cell(names.arm(c.arm.label), notes=(names.condition(c.arm.condition),)),
        Cell(f"{DOES[c.metric]}, p{c.quantile * 100:g}", notes=tuple(_exploratory(finding))),
        Cell(_later(finding), notes=tuple(_to(finding.interval_ms, in_ms))),
        Cell(_ratio(finding), notes=tuple(_to(finding.interval, factor))),
        Cell(finding.said.removesuffix(" (exploratory)"), notes=tuple(_why(finding))),
    ]


def _exploratory(finding: Finding) -> Iterator[str]:
    if finding.pairing.quantile == EXPLORATORY:
        yield "exploratory"


def _later(finding: Finding) -> str:
    difference = finding.difference_ms
    if math.isinf(difference):
        return "never" if difference > 0 else "the baseline never"
    return signed_ms(difference)


def _ratio(finding: Finding) -> str:
    return NO_RATIO if finding.ratio is None else factor(finding.ratio)


def _to(interval: Interval | None, written: Callable[[float], str]) -> Iterator[str]:
    if interval is not None:
        yield f"{written(interval[0])} to {written(interval[1])}"


def _why(finding: Finding) -> Iterator[str]:
    """Yield how many blocks there are, and what could have been seen or would settle it."""
    blocks = finding.pairing.blocks
    yield IN_WORDS if blocks == 1 else f"{blocks} blocks"
    if finding.verdict == Difference.SAME:
        yield _within(finding)
        yield _detectable(finding)
    elif finding.verdict == Difference.INCONCLUSIVE and finding.more_blocks is not None:
        more = "block" if finding.more_blocks == 1 else "blocks"
        yield f"about {finding.more_blocks} more {more} may settle it"


def _within(finding: Finding) -> str:
    """State the 90 % interval and the region of practical equivalence that it is inside of."""
    shift, ratio = finding.shift_ms, finding.log_ratio
    if shift.is_equivalent or ratio is None:
        low, high = (in_ms(value or 0.0) for value in (shift.narrow.low, shift.narrow.high))
        return f"90 % interval {low} to {high} ms, within {shift.region:g} ms"
    low, high = (factor(math.exp(value or 0.0)) for value in (ratio.narrow.low, ratio.narrow.high))
    return f"90 % interval {low} to {high}, within {EQUIVALENCE[finding.pairing.quantile]:.0%}"


def _detectable(finding: Finding) -> str:
    if finding.detectable_ms is None or math.isinf(finding.detectable_ms):
        return "with so few blocks, no difference could have been detected"
    return f"a difference of {in_ms(finding.detectable_ms)} ms would have been detected"
