"""What became of each job: a pure function of what the client saw and what the ledger holds.

The classes are those of Jepsen's `total-queue` checker, with late, failed visibly and
stranded added.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from bench.ledger import EventKind
from bench.model import Outcome

NONE = -1
MOST_STEPS = 256  # a step's number is one byte in the ledger


class OutcomeClass(StrEnum):
    """The classes; every job is in exactly one."""

    ONCE = "once"
    LATE = "late"
    DUPLICATED = "duplicated"
    FAILED_VISIBLY = "failed_visibly"
    STRANDED = "stranded"
    LOST = "lost"
    RECOVERED = "recovered"
    REFUSED = "refused"
    EXECUTED_THOUGH_REFUSED = "executed_though_refused"
    UNKNOWN = "unknown"
    PHANTOM = "phantom"


@dataclass(frozen=True)
class Left:
    """Jobs that a queue's own structures still held when the drain closed, or kept as failed."""

    held: Collection[str] = ()
    failed: Collection[str] = ()


NOTHING_LEFT = Left()
_NOT_ACCEPTED = {
    OutcomeClass.REFUSED,
    OutcomeClass.EXECUTED_THOUGH_REFUSED,
    OutcomeClass.UNKNOWN,
    OutcomeClass.RECOVERED,
    OutcomeClass.PHANTOM,
}


def accepted_in(classes: Mapping[str, int]) -> int:
    """Count the jobs that were accepted, of those counted by class."""
    return sum(number for name, number in classes.items() if name not in _NOT_ACCEPTED)


def classify(
    requests: pd.DataFrame,
    events: pd.DataFrame,
    steps: int,
    *,
    left: Left = NOTHING_LEFT,
    deadline_s: float | None = None,
) -> pd.DataFrame:
    """Return a row per job: its times (ns, -1 if none), its counts, and its class.

    `requests` are those of the job stream, `events` the ledger's; `steps` is how many each
    job has. With a deadline, a job whose last step ended longer than that
    after it was due is late. A job is done once if each of its steps ended exactly once.
    """
    jobs = _client_view(requests).join(_ledger_view(events, steps), how="outer")
    numbers = ["due_ns", "answered_ns", "first_start_ns", "last_end_ns"]
    jobs[numbers] = jobs[numbers].fillna(NONE).astype("int64")
    counts = ["starts", "ends", "fails", "steps_ended", "most_ends"]
    jobs[counts] = jobs[counts].fillna(0).astype("int64")
    jobs["steps"] = steps
    jobs["outcome_class"] = _classes(jobs, left, deadline_s)
    return jobs.rename_axis("job_id").reset_index()


def _client_view(requests: pd.DataFrame) -> pd.DataFrame:
    due_ns = requests["due_us"] * 1000
    answered = requests["response_us"] >= 0
    answered_ns = (due_ns + requests["response_us"] * 1000).where(answered, NONE)
    columns = {"due_ns": due_ns, "answered_ns": answered_ns, "outcome": requests["outcome"]}
    return pd.DataFrame(columns).set_axis(requests["job_id"].astype("str"))


def _ledger_view(events: pd.DataFrame, steps: int) -> pd.DataFrame:
    """Return a row per job that the ledger knows."""
    codes, ids = pd.factorize(events["job_id"])
    kind, at_ns = events["kind"].to_numpy(), events["at_ns"].to_numpy("int64")
    started, ended = kind == EventKind.START, kind == EventKind.END
    first_start_ns = np.full(len(ids), np.iinfo("int64").max)
    np.minimum.at(first_start_ns, codes[started], at_ns[started])
    last_end_ns = np.full(len(ids), NONE, "int64")
    np.maximum.at(last_end_ns, codes[ended], at_ns[ended])
    # Each (job, step) that ended once or more, and how often.
    which = codes[ended].astype("int64") * MOST_STEPS + events["step"].to_numpy("int64")[ended]
    pairs, ends_of_each = np.unique(which, return_counts=True)
    jobs = pairs // MOST_STEPS
    most_ends = np.zeros(len(ids), "int64")
    np.maximum.at(most_ends, jobs, ends_of_each)
    counts = {
        name: np.bincount(codes[kind == number], minlength=len(ids))
        for name, number in (
            ("starts", EventKind.START), ("ends", EventKind.END), ("fails", EventKind.FAIL)
        )
    }  # fmt: skip
    steps_ended = np.bincount(jobs, minlength=len(ids))
    view = {
        "first_start_ns": np.where(counts["starts"] > 0, first_start_ns, NONE),
        **counts,
        "steps_ended": steps_ended,
        "most_ends": most_ends,
        # A job has no last end before its last step has ended.
        "last_end_ns": np.where(steps_ended >= steps, last_end_ns, NONE),
    }
    return pd.DataFrame(view, index=pd.Index(ids, dtype="str"))


def _classes(
    jobs: pd.DataFrame, left: Left, deadline_s: float | None
) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Return each job's class: the first that applies."""
    done = jobs["steps_ended"] >= jobs["steps"]
    longest_ns = np.inf if deadline_s is None else deadline_s * 1e9
    late = jobs["last_end_ns"] - jobs["due_ns"] > longest_ns
    refused = jobs["outcome"] == Outcome.REFUSED
    unknown = jobs["outcome"] == Outcome.UNKNOWN
    any_end = jobs["ends"] > 0
    cases = [
        (jobs["outcome"].isna(), OutcomeClass.PHANTOM),
        (refused & any_end, OutcomeClass.EXECUTED_THOUGH_REFUSED),
        (refused, OutcomeClass.REFUSED),
        (unknown & any_end, OutcomeClass.RECOVERED),
        (unknown, OutcomeClass.UNKNOWN),
        (jobs["most_ends"] > 1, OutcomeClass.DUPLICATED),
        (done & late, OutcomeClass.LATE),
        (done, OutcomeClass.ONCE),
        (jobs.index.isin(list(left.failed)), OutcomeClass.FAILED_VISIBLY),
        (jobs.index.isin(list(left.held)), OutcomeClass.STRANDED),
        (jobs["fails"] > 0, OutcomeClass.FAILED_VISIBLY),
    ]
    conditions = [np.asarray(condition, bool) for condition, _ in cases]
    return np.select(conditions, [str(name) for _, name in cases], str(OutcomeClass.LOST))
