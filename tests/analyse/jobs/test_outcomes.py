"""What became of each job, from hand-written histories."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from after202.analyse.jobs.outcomes import Left, OutcomeClass, classify
from after202.kernel.ledger import EventKind

START, END, FAIL = EventKind.START, EventKind.END, EventKind.FAIL
Events = list[tuple[EventKind, int]]


def requests(*outcomes: str) -> pd.DataFrame:
    """Return requests 0, 1, ... of the outcomes, each due at 1 ms and answered after 2."""
    return pd.DataFrame(
        {
            "job_id": [str(i) for i in range(len(outcomes))],
            "due_us": 1000,
            "response_us": [2000 if outcome != "unknown" else -1 for outcome in outcomes],
            "outcome": list(outcomes),
        }
    )


def events(*histories: Events) -> pd.DataFrame:
    """Return the events of jobs 0, 1, ...; each event comes a millisecond after the last."""
    rows = [
        (str(job), kind, step, 10_000_000 + 1_000_000 * position)
        for job, history in enumerate(histories)
        for position, (kind, step) in enumerate(history)
    ]
    return pd.DataFrame(rows, columns=["job_id", "kind", "step", "at_ns"])


def outcome(client: str, history: Events, steps: int = 1, **options: object) -> str:
    """Return the class of a single job."""
    jobs = classify(requests(client), events(history), steps, **options)  # type: ignore[arg-type]
    assert len(jobs) == 1
    return str(jobs["outcome_class"][0])


@pytest.mark.parametrize(
    ("client", "history", "steps", "expected"),
    [
        ("accepted", [(START, 0), (END, 0)], 1, "once"),
        ("accepted", [(START, 0), (START, 0), (END, 0)], 1, "once"),
        ("accepted", [(START, 0), (END, 0), (START, 1), (END, 1)], 2, "once"),
        ("accepted", [(START, 0), (END, 0), (START, 0), (END, 0)], 1, "duplicated"),
        ("accepted", [(START, 0), (END, 0), (START, 0), (END, 0)], 2, "duplicated"),
        ("accepted", [(START, 0), (END, 0)], 2, "lost"),
        ("accepted", [(START, 0)], 1, "lost"),
        ("accepted", [], 1, "lost"),
        ("accepted", [(START, 0), (FAIL, 0)], 1, "failed_visibly"),
        ("accepted", [(START, 0), (FAIL, 0), (START, 0), (END, 0)], 1, "once"),
        ("refused", [], 1, "refused"),
        ("refused", [(START, 0), (END, 0)], 1, "executed_though_refused"),
        ("unknown", [], 1, "unknown"),
        ("unknown", [(START, 0), (END, 0)], 1, "recovered"),
    ],
)
def test_each_history_has_its_class(
    client: str, history: Events, steps: int, expected: str
) -> None:
    """The definitions, one by one."""
    assert outcome(client, history, steps) == expected


def test_a_job_that_a_queue_still_holds_is_stranded_and_not_lost() -> None:
    """Redelivery may yet come."""
    assert outcome("accepted", [(START, 0)], left=Left(held={"0"})) == "stranded"
    assert outcome("accepted", [(START, 0), (FAIL, 0)], left=Left(held={"0"})) == "stranded"
    assert outcome("accepted", [(START, 0), (END, 0)], left=Left(held={"0"})) == "once"


def test_a_job_that_a_queue_keeps_as_failed_has_failed_visibly() -> None:
    """Its process was killed, so the ledger has no failure of it; an operator sees one."""
    assert outcome("accepted", [(START, 0)], left=Left(failed={"0"})) == "failed_visibly"
    assert (
        outcome("accepted", [(START, 0)], left=Left(held={"0"}, failed={"0"})) == "failed_visibly"
    )
    assert outcome("accepted", [(START, 0), (END, 0)], left=Left(failed={"0"})) == "once"


def test_a_job_done_after_its_deadline_is_late() -> None:
    """The deadline decides, the drain was still open."""
    history = [(START, 0), (END, 0)]
    assert outcome("accepted", history, deadline_s=0.0095) == "late"
    assert outcome("accepted", history, deadline_s=0.0105) == "once"


def test_work_that_nobody_asked_for_is_a_phantom() -> None:
    """An end without a request shows a foreign consumer."""
    jobs = classify(requests("accepted"), events([(END, 0)], [(END, 0)]), 1)
    assert list(jobs["outcome_class"]) == ["once", "phantom"]


def test_times_and_counts_are_kept() -> None:
    """First start, last end, and how often; no last end before the last step's."""
    history = [(START, 0), (START, 1), (END, 1), (END, 0)]
    jobs = classify(requests("accepted", "accepted"), events(history, history[:3]), 2)
    whole, part = jobs.to_dict("records")
    assert (whole["due_ns"], whole["answered_ns"]) == (1_000_000, 3_000_000)
    assert (whole["first_start_ns"], whole["last_end_ns"]) == (10_000_000, 13_000_000)
    assert (whole["starts"], whole["ends"], whole["steps"]) == (2, 2, 2)
    assert part["last_end_ns"] == -1


histories = st.lists(st.tuples(st.sampled_from([START, END, FAIL]), st.integers(0, 2)), max_size=6)


@given(
    st.lists(st.tuples(st.sampled_from(["accepted", "refused", "unknown"]), histories), max_size=8),
    st.sets(st.integers(0, 8).map(str)),
    st.sets(st.integers(0, 8).map(str)),
    st.none() | st.floats(0, 0.02),
)
def test_every_job_is_in_exactly_one_class(
    jobs: list[tuple[str, Events]], held: set[str], failed: set[str], deadline_s: float | None
) -> None:
    """Conservation: whatever happened, each request is counted once and accepted ones stay so."""
    found = classify(
        requests(*(client for client, _ in jobs)),
        events(*(history for _, history in jobs)),
        3,
        left=Left(held, failed),
        deadline_s=deadline_s,
    )
    assert sorted(found["job_id"]) == [str(i) for i in range(len(jobs))]
    assert set(found["outcome_class"]) <= set(OutcomeClass)
    refused = {"refused", "executed_though_refused"}
    unknown = {"unknown", "recovered"}
    for (client, _), name in zip(jobs, found["outcome_class"], strict=True):
        assert (client == "refused") == (name in refused)
        assert (client == "unknown") == (name in unknown)
