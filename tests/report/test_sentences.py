"""Findings as rows of the table of verdicts."""

import math

import pytest

from after202.analyse.findings.comparisons import judge
from after202.analyse.findings.finding import Finding, Pairing
from after202.analyse.statistics.difference import Difference
from after202.records.experiment import Arm
from after202.report.sections.folded import verdicts
from tests.report.made_up import MadeUp

BLOCKS = 8
NAMES = MadeUp().facts().names


def sentence(finding: Finding) -> str:
    """Return a row's cells as one line."""
    return " | ".join(map(str, verdicts.row(finding, NAMES)))


ASYMMETRIC = (-0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.05, 0.08)


def found(
    *pairs_ms: tuple[float, float],
    metric: str = "response",
    mail_delay_ms: float = 0,
    copy: int = 1,
) -> Finding:
    """Return what blocks with these times of the arm and the baseline say about the p50."""
    name = "inline" if copy > 1 else "gather"
    arm = Arm(strategy=name, workload="login", rate_per_s=5, copy_number=copy)
    base = Arm(strategy="inline", workload="login", rate_per_s=5)
    (finding,) = judge([Pairing(arm, base, metric, 0.5, pairs_ms, mail_delay_ms)])
    return finding


def shifted(added_ms: float, base_ms: float = 2.0) -> list[tuple[float, float]]:
    """Return blocks whose differences are this one, within a hundredth."""
    return [(base_ms + added_ms * (1 + block / 1000), base_ms) for block in range(BLOCKS)]


@pytest.mark.parametrize(
    ("added_ms", "difference", "ratio", "verdict"),
    [(6.0, "+6.0 ms; 6.0 to 6.0", "4.01; 4.00 to 4.02", "slower"),
     (-1.0, "-1.0 ms; -1.0 to -1.0", "0.50; 0.50 to 0.50", "faster")],
)  # fmt: skip
def test_the_difference_comes_first_and_the_ratio_second(
    added_ms: float, difference: str, ratio: str, verdict: str
) -> None:
    """With their intervals, under labels, beside the load and the blocks."""
    said = sentence(found(*shifted(added_ms)))
    assert said == (
        f"asyncio.gather; Login, 5/s | answers, p50 | {difference} | {ratio} | {verdict}; 8 blocks"
    )


def test_an_open_verdict_says_what_may_settle_it() -> None:
    """With an interval around zero."""
    wide = [(10 + value, 10.0) for value in (-6.0, -4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 4.0)]
    finding = found(*wide)
    assert finding.interval_ms is not None
    low, high = finding.interval_ms
    assert low < 0 < high
    assert f"{low:.1f} to {high:.1f}" in sentence(finding)
    assert "inconclusive; 8 blocks; about" in sentence(finding)
    assert sentence(finding).endswith("may settle it")


@pytest.mark.parametrize("sign", [1, -1])
def test_sameness_is_said_with_the_interval_that_decided_it(sign: int) -> None:
    """The 95 % interval of the ratio reaches out of the region of 5 %, the 90 % one does not."""
    finding = found(*((100 * math.exp(sign * value), 100.0) for value in ASYMMETRIC))
    assert finding.verdict == Difference.SAME
    assert finding.interval is not None
    assert max(finding.interval[1], 1 / finding.interval[0]) > 1.05
    low, high = sorted((math.exp(sign * -0.005), math.exp(sign * 0.045)))
    said = sentence(finding)
    assert "no measurable difference" in said
    assert f"90 % interval {low:.2f} to {high:.2f}, within 5%" in said
    assert "ms would have been detected" in said


def test_sameness_in_ms_is_said_in_ms() -> None:
    """A ratio of 1.08 is of no importance where that is 0.04 ms."""
    finding = found(*shifted(0.04, base_ms=0.5))
    assert finding.verdict == Difference.SAME
    assert "90 % interval 0.04 to 0.04 ms, within 0.1 ms" in sentence(finding)


@pytest.mark.parametrize(
    ("delay_ms", "base_ms", "has_ratio"),
    [(20, 20.0, False), (20, 13.0, True), (0, 25.0, True)],
)
def test_times_that_hold_the_mail_servers_sleep_have_no_ratio(
    delay_ms: float, base_ms: float, *, has_ratio: bool
) -> None:
    """What took less time than the sleep cannot hold it."""
    finding = found(*shifted(6.0, base_ms), metric="completion", mail_delay_ms=delay_ms)
    assert (finding.ratio is not None) == has_ratio
    assert (f"| {verdicts.NO_RATIO} |" in sentence(finding)) != has_ratio
    assert "is done, p50 | +6.0 ms" in sentence(finding)


def test_a_constant_in_both_times_changes_no_verdict_without_a_ratio() -> None:
    """Taken with the ratio, 0.4 of 20 ms would be within 5 %."""
    finding = found(*shifted(0.4, 20.0), metric="completion", mail_delay_ms=20)
    assert finding.verdict == Difference.SLOWER
    assert found(*shifted(0.4, 20.0), metric="completion").verdict == Difference.SAME


@pytest.mark.parametrize(
    ("pair", "said"), [((math.inf, 2.0), "| never"), ((2.0, math.inf), "| the baseline never")]
)
def test_never_is_said_as_a_word(pair: tuple[float, float], said: str) -> None:
    """Whichever of the two it is."""
    assert said in sentence(found(*[pair] * BLOCKS))


def test_the_live_control_is_said_likewise() -> None:
    """With a verdict of its own."""
    said = sentence(found(*shifted(0.04), copy=2))
    assert said.startswith("Inline, copy 2; Login, 5/s | answers, p50 | +0.04 ms")
    assert "| same; 8 blocks" in said
