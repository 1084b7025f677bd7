"""How long an episode's drain may last."""

import pytest

from after202.measure.courses.episode import horizon_s
from after202.records.experiment import Arm, Arrivals
from after202.records.trial import Episode


@pytest.mark.parametrize(
    ("redelivery_s", "expected_s"), [(None, 10), (4, 10), (9, 14.5), (66, 100), (66.1, 10)]
)
def test_the_drain_lasts_as_long_as_redelivery_takes_if_the_profile_allows_that(
    redelivery_s: float | None, expected_s: float
) -> None:
    """Half as long again and a second; where that is beyond the horizon, `drain_s`."""
    episode = Episode(
        id="one", block=0, arm=Arm(strategy="rq_queue", workload="slow", rate_per_s=5), seed=1,
        arrivals=Arrivals.CONSTANT, warm_up_s=0, window_s=4, drain_s=10, slots=2, number=1,
        horizon_s=100,
    )  # fmt: skip
    assert horizon_s(episode, redelivery_s) == pytest.approx(expected_s)
