"""The table of what survives which fault: each fault stands in every column that it belongs to."""

import pytest

from after202.analyse.jobs.guarantees import Seen, decide
from after202.report.sections.survival import COLUMNS, NOTHING, Outcome, _row


def outcome(begun_again: int = 0, **classes: int) -> Outcome:
    """Return what a fault did to the work of one episode."""
    seen = Seen(classes, sum(classes.values()), known=True, begun_again=begun_again)
    return Outcome(decide([seen]), frozenset(classes))


@pytest.mark.parametrize(
    ("found", "columns"),
    [
        (outcome(once=5), {"all done in"}),
        (outcome(once=5, late=1), {"all done in", "late"}),
        (outcome(late=1, lost=1), {"lost", "late"}),
        (outcome(late=1, stranded=1), {"open", "late"}),
        (outcome(once=1, lost=1, stranded=1), {"lost"}),
        (outcome(once=1, failed_visibly=1), {"failed"}),
        (outcome(once=1, unseen=1), {"open"}),
        (outcome(once=5, begun_again=1), {"all done in", "again"}),
        (outcome(once=5, duplicated=1), {"all done in", "again"}),
    ],
)
def test_late_work_hides_neither_lost_nor_stranded_work(found: Outcome, columns: set[str]) -> None:
    """A fault is in the columns of all that it did, and in no other."""
    _, *cells = _row("a strategy", {"W2": found})
    shown = {name for name, cell in zip(COLUMNS[1:], cells, strict=True) if cell == "W2"}
    assert shown == columns
    assert set(cells) <= {"W2", NOTHING}
