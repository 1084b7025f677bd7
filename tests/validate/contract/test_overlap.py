"""How many steps were under way at the same time, by events whose answer is known."""

from uuid import UUID

import pytest

from after202.kernel.ledger import Event, EventKind
from after202.validate.contract.checks.slots import overlap


def step(job: int, start_ns: int, end_ns: int, kind: EventKind = EventKind.END) -> list[Event]:
    """Return the events of a step from its start to its end."""
    job_id = UUID(int=job)
    return [Event(EventKind.START, job_id, 0, 1, start_ns), Event(kind, job_id, 0, 1, end_ns)]


@pytest.mark.parametrize(
    ("found", "most"),
    [
        ([], 0),
        (step(1, 0, 5) + step(2, 5, 9), 1),
        (step(1, 0, 5) + step(2, 4, 9), 2),
        (step(1, 0, 9) + step(2, 1, 3) + step(3, 4, 6), 2),
        (step(1, 0, 9) + step(2, 1, 3, EventKind.FAIL) + step(3, 3, 6), 2),
    ],
)
def test_steps_overlap_while_none_of_them_has_ended(found: list[Event], most: int) -> None:
    """One that begins as another ends, or fails, takes its place."""
    assert overlap(found) == most
