"""Findings in words."""

import math

import pytest

from after202.analyse.findings.comparisons import Finding, Pairing, judge
from after202.analyse.report.sections.words import sentence
from after202.analyse.statistics.difference import Difference
from after202.records.experiment import Arm

ASYMMETRIC = (-0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.05, 0.08)


def found(log_ratios: tuple[float, ...]) -> Finding:
    """Return what eight blocks with these log-ratios of the p50 response say."""
    arm, base = (
        Arm(strategy=name, workload="login", rate_per_s=5) for name in ("gather", "inline")
    )
    (finding,) = judge([Pairing(arm, base, "response", 0.5, log_ratios)])
    return finding


@pytest.mark.parametrize("sign", [1, -1])
def test_sameness_is_said_with_the_interval_that_decided_it(sign: int) -> None:
    """The 95 % interval reaches out of the region of 5 %, the 90 % one does not."""
    finding = found(tuple(sign * value for value in ASYMMETRIC))
    assert finding.verdict == Difference.SAME
    assert finding.interval is not None
    assert max(finding.interval[1], 1 / finding.interval[0]) > 1.05
    low, high = sorted((math.exp(sign * -0.005), math.exp(sign * 0.045)))
    said = sentence(finding)
    assert f"as fast as inline at p50 (login 5/s): takes {low:.2f} to {high:.2f} times" in said
