"""What strategies are called: by their labels, and by their names too where these are alike."""

from after202.records.labels import labels
from tests.plan.catalogue import facts


def test_a_label_that_two_share_is_told_apart_by_the_name() -> None:
    """As a copy of a strategy's file has."""
    inline = facts("inline").model_copy(update={"label": "Inline"})
    gather = facts("gather").model_copy(update={"label": "asyncio.gather"})
    alone = {"inline": inline, "gather": gather}
    assert labels(alone) == {"inline": "Inline", "gather": "asyncio.gather"}
    assert labels({**alone, "newcomer": inline}) == {
        "inline": "Inline (inline)", "gather": "asyncio.gather", "newcomer": "Inline (newcomer)",
    }  # fmt: skip
