"""What became of each job: a pure function of what the client saw and what the ledger holds.

The classes are those of Jepsen's `total-queue` checker, with late, failed visibly and
stranded added.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd

from after202.kernel.ledger import EventKind
from after202.kernel.model import Look
from after202.records.experiment import Outcome

NONE = -1


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
    UNSEEN = "unseen"


NOTHING_LEFT = Look()
NEVER_ASKED = ""
CLASSES = pd.CategoricalDtype([str(one) for one in OutcomeClass])
_NOT_ACCEPTED = {
    OutcomeClass.REFUSED,
    OutcomeClass.EXECUTED_THOUGH_REFUSED,
    OutcomeClass.UNKNOWN,
    OutcomeClass.RECOVERED,
    OutcomeClass.PHANTOM,
}


def count(jobs: pd.DataFrame) -> dict[str, int]:
    """Count classified jobs by class; a class without jobs is not in it."""
    numbers = jobs["outcome_class"].value_counts()
    return {str(name): int(number) for name, number in numbers.items() if number}


def accepted_in(classes: Mapping[str, int]) -> int:
    """Count the accepted jobs among those counted by class."""
    return sum(number for name, number in classes.items() if name not in _NOT_ACCEPTED)


def classify(  # noqa: PLR0913 - what the client saw, what the ledger holds, and what was left
    requests: pd.DataFrame,
    events: pd.DataFrame,
    steps: int,
    *,
    left: Look = NOTHING_LEFT,
    inspected: bool = True,
    deadline_s: float | None = None,
) -> pd.DataFrame:
    """Return a row per job: its times (ns, -1 if none), its counts, and its class.

    `requests` are those of the job stream, `events` those of the ledger; each job has `steps`
    steps. `left` is what the queue still held when the drain closed, if it could be `inspected`.
    A job is done once if each of its steps ended exactly once. It is late if its last step ended
    more than `deadline_s` after the job was due.
    """
    event_ids = events["job_id"].astype("category").cat.remove_unused_categories().cat
    both = pd.concat([requests["job_id"], event_ids.categories.to_series()], ignore_index=True)
    codes, ids = pd.factorize(both)
    asked, known = np.split(codes, [len(requests)])
    told = known[event_ids.codes]
    jobs = pd.DataFrame(
        {
            "job_id": pd.Series(ids, dtype="str"),
            **_client_view(requests, asked, len(ids)),
            **_ledger_view(events, told, len(ids), steps),
            "steps": steps,
        }
    )
    jobs["outcome_class"] = _classes(jobs, left, deadline_s, inspected=inspected)
    return jobs


Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Chosen = np.ndarray[tuple[int], np.dtype[np.bool_]]
Table = np.ndarray[tuple[int, int], np.dtype[np.signedinteger]]
Columns = dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]


def _client_view(requests: pd.DataFrame, codes: Codes, jobs: int) -> Columns:
    """Return what the client knows of each job; `codes` map each request to its job."""
    due_ns = requests["due_us"].to_numpy("int64") * 1000
    response_ns = requests["response_us"].to_numpy("int64") * 1000
    view = {"due_ns": np.full(jobs, NONE), "answered_ns": np.full(jobs, NONE)}
    view["due_ns"][codes] = due_ns
    view["answered_ns"][codes] = np.where(response_ns >= 0, due_ns + response_ns, NONE)
    outcome = np.full(jobs, NEVER_ASKED, object)
    outcome[codes] = requests["outcome"].to_numpy(object)
    return {**view, "outcome": outcome}


def _ledger_view(events: pd.DataFrame, codes: Codes, jobs: int, steps: int) -> Columns:
    """Return what the ledger knows of each job; `codes` map each event to its job."""
    kind, at_ns = events["kind"].to_numpy(), events["at_ns"].to_numpy("int64")
    started, ended = kind == EventKind.START, kind == EventKind.END
    first_start_ns = np.full(jobs, np.iinfo("int64").max)
    np.minimum.at(first_start_ns, codes[started], at_ns[started])
    last_end_ns = np.full(jobs, NONE, "int64")
    np.maximum.at(last_end_ns, codes[ended], at_ns[ended])
    step = events["step"].to_numpy("int64")
    width = int(step.max(initial=0)) + 1

    def of_each_step(chosen: Chosen) -> Table:
        which = codes[chosen].astype("int64") * width + step[chosen]
        return np.bincount(which, minlength=jobs * width).reshape(jobs, width)

    starts, ends = of_each_step(started), of_each_step(ended)
    counts = {
        name: np.bincount(codes[kind == number], minlength=jobs)
        for name, number in (
            ("starts", EventKind.START), ("ends", EventKind.END), ("fails", EventKind.FAIL)
        )
    }  # fmt: skip
    steps_ended = (ends > 0).sum(axis=1)
    return {
        "first_start_ns": np.where(counts["starts"] > 0, first_start_ns, NONE),
        **counts,
        "steps_ended": steps_ended,
        "most_ends": ends.max(axis=1),
        "most_starts": starts.max(axis=1),
        # A job has no last end before its last step has ended.
        "last_end_ns": np.where(steps_ended >= steps, last_end_ns, NONE),
    }


def begun_again(jobs: pd.DataFrame) -> int:
    """Count the classified jobs of which a step was begun more than once; phantoms do not count."""
    again = (jobs["most_starts"] > 1) & (jobs["outcome_class"] != OutcomeClass.PHANTOM)
    return int(again.sum())


def _classes(
    jobs: pd.DataFrame, left: Look, deadline_s: float | None, *, inspected: bool
) -> pd.Categorical:
    """Return each job's class: the first that applies.

    If the queue cannot be inspected, a job that was not done is not known to be lost: it is unseen.
    """
    columns = {name: jobs[name].to_numpy() for name in jobs.columns if name != "job_id"}
    done = columns["steps_ended"] >= columns["steps"]
    longest_ns = np.inf if deadline_s is None else deadline_s * 1e9
    late = columns["last_end_ns"] - columns["due_ns"] > longest_ns
    outcome, any_end = columns["outcome"], columns["ends"] > 0
    refused, unknown = outcome == Outcome.REFUSED, outcome == Outcome.UNKNOWN
    cases = [
        (outcome == NEVER_ASKED, OutcomeClass.PHANTOM),
        (refused & any_end, OutcomeClass.EXECUTED_THOUGH_REFUSED),
        (refused, OutcomeClass.REFUSED),
        (unknown & any_end, OutcomeClass.RECOVERED),
        (unknown, OutcomeClass.UNKNOWN),
        (columns["most_ends"] > 1, OutcomeClass.DUPLICATED),
        (done & late, OutcomeClass.LATE),
        (done, OutcomeClass.ONCE),
        (jobs["job_id"].isin(list(left.failed)), OutcomeClass.FAILED_VISIBLY),
        (jobs["job_id"].isin(list(left.held)), OutcomeClass.STRANDED),
        (columns["fails"] > 0, OutcomeClass.FAILED_VISIBLY),
    ]
    numbers = {name: number for number, name in enumerate(CLASSES.categories)}
    conditions = [np.asarray(condition, bool) for condition, _ in cases]
    otherwise = numbers[OutcomeClass.LOST if inspected else OutcomeClass.UNSEEN]
    codes = np.select(conditions, [numbers[name] for _, name in cases], otherwise)
    return pd.Categorical.from_codes(codes, dtype=CLASSES)
