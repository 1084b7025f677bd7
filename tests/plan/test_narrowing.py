"""Strategies that cannot run here are left out of a profile, and nothing takes their place."""

import pytest

from after202.kernel.errors import UsageError
from after202.plan import arms, narrowing, reading
from after202.plan.catalogue import Catalogue
from after202.plan.remarks import remarks
from after202.records.parts import FaultMatrix
from after202.records.profile import Profile
from tests.plan.catalogue import CATALOGUE

WHY = {"rq_queue": "its environment cannot be created: no such version"}
LEFT = Catalogue(
    {name: facts for name, facts in CATALOGUE.strategies.items() if name not in WHY},
    CATALOGUE.brokers,
    WHY,
)


def matrix(*strategies: str) -> FaultMatrix:
    """Return a matrix of these strategies; of all, if none is named."""
    return FaultMatrix(faults=("A3",), strategies=strategies, rate_per_s=5, window_s=4, episodes=1)


def profile(*matrices: FaultMatrix, baseline: str = "inline") -> Profile:
    """Return a profile of three strategies, one of which is not to be had."""
    return Profile(
        description="Three.",
        baseline=baseline,
        strategies=("inline", "celery_queue", "rq_queue"),
        matrix=matrices,
        variant={"rq_queue": {"documented": {"workers": 2}}},
    )


def test_what_is_not_available_is_left_out_and_a_line_says_so() -> None:
    """Its overrides go too, and a part that named nothing else; one that names none stays."""
    asked = profile(matrix(), matrix("rq_queue"), matrix("rq_queue", "celery_queue"))
    found = narrowing.without(asked, WHY)
    assert found.strategies == ("inline", "celery_queue")
    assert [one.strategies for one in found.matrix] == [(), ("celery_queue",)]
    assert found.variant == {}
    reading.require_known(found, LEFT)
    measured = {name for one in found.matrix for name, _ in arms.sides(found, LEFT, one)}
    assert measured == {"inline", "celery_queue"}
    assert list(remarks(found, LEFT)) == [f"rq_queue is left out: {WHY['rq_queue']}"]


def test_where_all_can_run_a_profile_is_as_it_was() -> None:
    """And nothing is said."""
    asked = profile(matrix("celery_queue"))
    assert narrowing.without(asked, {}) == asked
    assert narrowing.without(asked, {"dbos": "not named"}) == asked


def test_without_its_baseline_or_any_strategy_there_is_no_profile() -> None:
    """Either is one line, with the reason."""
    with pytest.raises(UsageError, match=r"^the baseline rq_queue is not available here: its env"):
        narrowing.without(profile(matrix(), baseline="rq_queue"), WHY)
    only = narrowing.narrow(profile(matrix()), ["rq_queue"], [])
    with pytest.raises(UsageError, match=r"^rq_queue is not available here: .*nothing is left"):
        narrowing.without(only, WHY)


def test_a_strategy_that_is_not_available_cannot_be_looked_up() -> None:
    """The reason is given in place of the list of what there is."""
    with pytest.raises(UsageError, match="not available here: its environment"):
        LEFT["rq_queue"]
