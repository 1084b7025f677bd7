"""Executions are counted from events, some at a time."""

from collections.abc import Sequence

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from after202.analyse.jobs.executions import executions
from after202.kernel.ledger import EventKind

JOBS = 3
START, END, FAIL = EventKind.START, EventKind.END, EventKind.FAIL
Row = tuple[int, int, int, int]


def events(rows: Sequence[Row]) -> pd.DataFrame:
    """Return events of (job, kind, step, at)."""
    return pd.DataFrame(rows, columns=["job", "kind", "step", "at_ns"], dtype="int64")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from([0, START, END, FAIL]),
            st.integers(0, 2),
            st.integers(0, 9),
        )
    ),
    st.integers(0, 10),
)
def test_the_parts_in_which_events_come_do_not_matter(rows: list[Row], cut: int) -> None:
    """Nor that jobs come up that nobody asked for."""
    whole = executions([events(rows)], JOBS)
    parts = executions([events(rows[:cut]), events(rows[cut:])], JOBS)
    pd.testing.assert_frame_equal(whole.jobs, parts.jobs)
    assert (whole.events == parts.events).all()


def test_each_number_is_of_its_job() -> None:
    """One began twice and ended once, one only ended, one has no events, one is a stranger."""
    rows = [(0, START, 0, 5), (0, START, 0, 3), (0, END, 0, 9), (1, END, 1, 7), (3, FAIL, 0, 8)]
    found = executions([events(rows)], JOBS).jobs
    assert {name: values.tolist() for name, values in found.items()} == {
        "first_start_ns": [3, -1, -1, -1],
        "last_end_ns": [9, 7, -1, -1],
        "starts": [2, 0, 0, 0],
        "ends": [1, 1, 0, 0],
        "fails": [0, 0, 0, 1],
        "steps_ended": [1, 1, 0, 0],
        "steps_overdone": [0, 1, 0, 1],
        "most_ends": [1, 1, 0, 0],
        "most_starts": [2, 0, 0, 0],
    }


def test_events_of_no_kind_or_step_are_counted_as_such() -> None:
    """Each event once, whatever is wrong with it."""
    rows = [(0, START, 0, 1), (0, 9, 0, 1), (0, START, 2, 1), (0, 9, 2, 1)]
    assert executions([events(rows)], JOBS).unlike(2) == 3
