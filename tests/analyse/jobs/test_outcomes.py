"""What became of each job, from hand-written histories."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from after202.analyse.jobs.executions import executions
from after202.analyse.jobs.guarantees import Seen, Verdict, decide
from after202.analyse.jobs.outcomes import OutcomeClass, accepted_in, begun_again, classify, count
from after202.kernel.ledger import EventKind

START, END, FAIL = EventKind.START, EventKind.END, EventKind.FAIL
Events = list[tuple[EventKind, int]]
HELD: dict[str, Any] = {"held": [0]}
FAILED: dict[str, Any] = {"failed": [0]}
BOTH: dict[str, Any] = HELD | FAILED


def requests(*outcomes: str) -> pd.DataFrame:
    """Return requests 0, 1, ... of the outcomes, each due at 1 ms and answered after 2."""
    return pd.DataFrame(
        {
            "due_us": [1000] * len(outcomes),
            "response_us": [2000 if outcome != "unknown" else -1 for outcome in outcomes],
            "outcome": list(outcomes),
        }
    )


def events(*histories: Events) -> pd.DataFrame:
    """Return the events of jobs 0, 1, ...; each event comes a millisecond after the last."""
    rows = [
        (job, kind, step, 10_000_000 + 1_000_000 * position)
        for job, history in enumerate(histories)
        for position, (kind, step) in enumerate(history)
    ]
    return pd.DataFrame(rows, columns=["job", "kind", "step", "at_ns"])


def classified(
    requests: pd.DataFrame, events: pd.DataFrame, steps: int, **options: Any
) -> pd.DataFrame:
    """Count the events job by job, and classify the jobs."""
    return classify(requests, executions([events], len(requests)).jobs, steps, **options)


def outcome(client: str, history: Events, steps: int = 1, **options: Any) -> str:
    """Return the class of a single job."""
    jobs = classified(requests(client), events(history), steps, **options)
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
    assert outcome("accepted", [(START, 0)], **HELD) == "stranded"
    assert outcome("accepted", [(START, 0), (FAIL, 0)], **HELD) == "stranded"
    assert outcome("accepted", [(START, 0), (END, 0)], **HELD) == "once"


def test_a_job_that_a_queue_keeps_as_failed_has_failed_visibly() -> None:
    """Its process was killed, so the ledger has no failure of it; an operator sees one."""
    assert outcome("accepted", [(START, 0)], **FAILED) == "failed_visibly"
    assert outcome("accepted", [(START, 0)], **BOTH) == "failed_visibly"
    assert outcome("accepted", [(START, 0), (END, 0)], **FAILED) == "once"


@pytest.mark.parametrize(
    ("history", "left", "expected"),
    [
        ([], {}, "unseen"),
        ([(START, 0)], {}, "unseen"),
        ([(START, 0)], HELD, "stranded"),
        ([(START, 0)], FAILED, "failed_visibly"),
        ([(START, 0), (FAIL, 0)], {}, "failed_visibly"),
        ([(START, 0), (END, 0)], {}, "once"),
        ([(START, 0), (END, 0), (START, 0), (END, 0)], {}, "duplicated"),
    ],
)
def test_where_nothing_can_look_into_the_queue_a_job_that_was_not_done_is_unseen(
    history: Events, left: dict[str, Any], expected: str
) -> None:
    """It may be there still: what is known of a job is said, and that it is lost is not."""
    assert outcome("accepted", history, **left, inspected=False) == expected


def test_a_job_that_is_unseen_leaves_at_least_once_unknown() -> None:
    """It was accepted, and counts as such; that one of them was done twice is known still."""
    twice = [(START, 0), (END, 0)] * 2
    jobs = classified(requests("accepted", "accepted"), events(twice, []), 1, inspected=False)
    classes = count(jobs)
    assert (classes, accepted_in(classes)) == ({"duplicated": 1, "unseen": 1}, 2)
    found = decide([Seen(classes, accepted_in(classes), known=True)])
    assert found.done_at_least_once is Verdict.UNKNOWN
    assert found.begun_at_most_once is Verdict.BROKEN


@pytest.mark.parametrize("client", ["refused", "unknown"])
def test_only_an_accepted_job_is_unseen(client: str) -> None:
    """Nobody was told that the others would be done."""
    assert outcome(client, [], inspected=False) == client


@pytest.mark.parametrize("client", ["refused", "unknown"])
@pytest.mark.parametrize(
    ("history", "left", "expected"),
    [
        ([], {}, "orphaned"),
        ([], HELD, ""),
        ([], FAILED, ""),
        ([], {"inspected": False}, ""),
        ([(START, 0)], {}, ""),
    ],
)
def test_a_row_without_a_job_is_orphaned(
    client: str, history: Events, left: dict[str, Any], expected: str
) -> None:
    """Nobody has the job, and no step of it was begun; otherwise it has the class it had before."""
    assert outcome(client, history, written=[0], **left) == (expected or client)
    assert outcome(client, history, **left) == client


def test_an_accepted_job_is_not_orphaned_and_an_orphaned_one_is_not_accepted() -> None:
    """That it was lost is worse; and a row whose job was begun has one."""
    assert outcome("accepted", [], written=[0]) == "lost"
    assert outcome("refused", [(START, 0), (END, 0)], written=[0]) == "executed_though_refused"
    assert outcome("unknown", [(START, 0), (END, 0)], written=[0]) == "recovered"
    assert accepted_in({"once": 2, "orphaned": 3}) == 2


def test_a_job_done_after_its_deadline_is_late() -> None:
    """The deadline decides, the drain was still open."""
    history = [(START, 0), (END, 0)]
    assert outcome("accepted", history, deadline_s=0.0095) == "late"
    assert outcome("accepted", history, deadline_s=0.0105) == "once"


def test_work_that_nobody_asked_for_is_a_phantom() -> None:
    """An end without a request shows a foreign consumer."""
    jobs = classified(requests("accepted"), events([(END, 0)], [(END, 0)]), 1)
    assert list(jobs["outcome_class"]) == ["once", "phantom"]


def test_times_and_counts_are_kept() -> None:
    """First start, last end, and how often; no last end before the last step's."""
    history = [(START, 0), (START, 1), (END, 1), (END, 0)]
    jobs = classified(requests("accepted", "accepted"), events(history, history[:3]), 2)
    whole, part = jobs.to_dict("records")
    assert (whole["due_ns"], whole["answered_ns"]) == (1_000_000, 3_000_000)
    assert (whole["first_start_ns"], whole["last_end_ns"]) == (10_000_000, 13_000_000)
    assert (whole["starts"], whole["ends"], whole["steps_ended"]) == (2, 2, 2)
    assert part["last_end_ns"] == -1


@pytest.mark.parametrize(
    ("client", "history", "expected"),
    [
        ("accepted", [(START, 0), (END, 0), (START, 1), (END, 1)], 0),
        ("accepted", [(START, 0), (START, 0), (END, 0), (START, 1), (END, 1)], 1),
        ("accepted", [(START, 0), (FAIL, 0), (START, 0), (END, 0), (START, 1), (END, 1)], 1),
        ("accepted", [(START, 0), (START, 0)], 1),
        ("unknown", [(START, 0), (START, 0), (END, 0)], 1),
    ],
)
def test_a_job_is_begun_again_if_a_step_started_twice_whatever_came_of_it(
    client: str, history: Events, expected: int
) -> None:
    """After a kill, after a failure, done or not; another step of the same job is no repeat."""
    assert begun_again(classified(requests(client), events(history), 2)) == expected


def test_foreign_work_is_not_begun_again() -> None:
    """A phantom makes the trial invalid; it says nothing about our jobs."""
    twice = [(START, 0), (START, 0), (END, 0)]
    assert begun_again(classified(requests("accepted"), events([(END, 0)], twice), 1)) == 0


histories = st.lists(st.tuples(st.sampled_from([START, END, FAIL]), st.integers(0, 2)), max_size=6)


@given(
    st.lists(st.tuples(st.sampled_from(["accepted", "refused", "unknown"]), histories), max_size=8),
    st.sets(st.integers(0, 7)),
    st.sets(st.integers(0, 7)),
    st.none() | st.floats(0, 0.02),
    st.booleans(),
)
def test_every_job_is_in_exactly_one_class(
    jobs: list[tuple[str, Events]],
    held: set[int],
    failed: set[int],
    deadline_s: float | None,
    inspected: bool,
) -> None:
    """Conservation: whatever happened, each request is counted once and accepted ones stay so."""
    found = classified(
        requests(*(client for client, _ in jobs)),
        events(*(history for _, history in jobs)),
        3,
        held=[job for job in held if job < len(jobs)],
        failed=[job for job in failed if job < len(jobs)],
        inspected=inspected,
        deadline_s=deadline_s,
    )
    assert len(found) == len(jobs)
    assert set(found["outcome_class"]) <= set(OutcomeClass)
    assert ("lost" if not inspected else "unseen") not in set(found["outcome_class"])
    assert accepted_in(count(found)) == sum(client == "accepted" for client, _ in jobs)
    refused = {"refused", "executed_though_refused"}
    unknown = {"unknown", "recovered"}
    for (client, _), name in zip(jobs, found["outcome_class"], strict=True):
        assert (client == "refused") == (name in refused)
        assert (client == "unknown") == (name in unknown)
