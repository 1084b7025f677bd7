"""A clear difference is decided whatever the number of arms, and if a block is lost."""

from pathlib import Path

import pytest

from after202.analyse.findings.comparisons import findings
from after202.analyse.run import read
from after202.analyse.statistics.difference import Difference
from after202.plan.design import sized
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from tests.analyse.run_folder import TrialHistory, write_run
from tests.plan.catalogue import catalogue, facts

FAST_MS, SLOW_MS = 1.0, 20.0
LOST_BLOCK = 2


@pytest.mark.parametrize("arms", [5, 15])
@pytest.mark.parametrize("lost", [False, True])
def test_twenty_times_slower_is_decided(arms: int, lost: bool, tmp_path: Path) -> None:
    """Dropping in ten strategies, or losing a block, once made every difference inconclusive."""
    # Given a profile that asks for too few blocks
    names = ["background_tasks", *(f"copy_{number}" for number in range(1, arms))]
    wanted = ComparisonPlan(workload="login", rate_per_s=5, blocks=4, window_s=1)
    asked = Profile(description="x", comparison=(wanted,), repeats=0)
    known = catalogue(*(facts(name, "documented") for name in names))

    # When it is measured as it is planned, and one arm is 20 times slower than the others
    blocks = sized(asked, known, print).comparison[0].blocks
    slow = names[-1]
    histories = [
        TrialHistory(
            name,
            block=block,
            response_ms=SLOW_MS if name == slow else FAST_MS,
            completion_ms=2 * SLOW_MS,
            valid=not (lost and block == LOST_BLOCK and place == 0),
        )
        for block in range(blocks)
        for place, name in enumerate(names)
    ]
    run = read(write_run(tmp_path, histories, asked))

    # Then that difference is decided
    of_slow = [
        f.verdict
        for f in findings(run)
        if (f.pairing.arm.strategy, f.pairing.metric, f.pairing.quantile) == (slow, "response", 0.5)
    ]
    assert of_slow == [Difference.SLOWER]
