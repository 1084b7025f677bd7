"""How long a run is expected to take: load, start, turns, and what waits when the load ends."""

import pytest

from after202.plan import estimate
from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm, Arrivals
from after202.records.trial import Comparison
from tests.plan.catalogue import CATALOGUE

MESSAGE_S = 0.02


def trial(
    strategy: str, rate_per_s: float, drain_s: float = 60, workload: str = "empty"
) -> Comparison:
    """Return a trial of two seconds of load on four slots."""
    arm = Arm(strategy=strategy, workload=workload, rate_per_s=rate_per_s)
    return Comparison(
        id="x", block=0, arm=arm, seed=1, arrivals=Arrivals.POISSON, warm_up_s=0, window_s=2,
        drain_s=drain_s, slots=4,
    )  # fmt: skip


@pytest.fixture
def catalogue() -> Catalogue:
    """Give a queue whose messages cost 20 ms each."""
    costly = CATALOGUE["rq_queue"].model_copy(update={"message_cpu_s": MESSAGE_S})
    return Catalogue({**CATALOGUE.strategies, "rq_queue": costly})


def test_a_backlog_is_part_of_what_a_run_takes(catalogue: Catalogue) -> None:
    """At 200/s for 2 s, messages of 20 ms are done after 8 s: 6 s after the load."""
    at_ease = estimate.trial_s(trial("rq_queue", 10), catalogue)
    behind = estimate.trial_s(trial("rq_queue", 200), catalogue)
    assert behind - at_ease == pytest.approx(6)


def test_a_backlog_is_waited_for_as_long_as_the_drain(catalogue: Catalogue) -> None:
    """And no longer; jobs that occupy their slots wait too; the API's own work does not."""
    assert estimate.backlog_s(trial("rq_queue", 200, drain_s=3), catalogue) == 3
    assert estimate.backlog_s(trial("rq_queue", 60, workload="wait"), catalogue) == pytest.approx(1)
    assert estimate.backlog_s(trial("inline", 200), catalogue) == 0


def test_episodes_side_by_side_take_their_share(catalogue: Catalogue) -> None:
    """Trials whose times count are alone; the run's own start counts once."""
    alone = [trial("inline", 5)] * 4
    each_s = estimate.trial_s(alone[0], catalogue)
    assert estimate.expected_s(alone, catalogue, 8) == pytest.approx(estimate.RUN_S + 4 * each_s)
