"""What became of each job: a pure function of what the client saw and what the ledger holds.

The classes are those of Jepsen's `total-queue` checker, with late, failed visibly, stranded and
orphaned added.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from after202.analyse.jobs.executions import NONE
from after202.analyse.jobs.ids import Numbers
from after202.records.experiment import Outcome


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
    ORPHANED = "orphaned"


NEVER_ASKED = ""
OUTCOMES = pd.CategoricalDtype([*(str(one) for one in Outcome), NEVER_ASKED])
CLASSES = pd.CategoricalDtype([str(one) for one in OutcomeClass])
_NOT_ACCEPTED = {
    OutcomeClass.REFUSED,
    OutcomeClass.EXECUTED_THOUGH_REFUSED,
    OutcomeClass.UNKNOWN,
    OutcomeClass.RECOVERED,
    OutcomeClass.PHANTOM,
    OutcomeClass.ORPHANED,
}
Chosen = np.ndarray[tuple[int], np.dtype[np.bool_]]


def count(jobs: pd.DataFrame) -> dict[str, int]:
    """Count classified jobs by class; a class without jobs is not in it."""
    numbers = jobs["outcome_class"].value_counts()
    return {str(name): int(number) for name, number in numbers.items() if number}


def accepted_in(classes: Mapping[str, int]) -> int:
    """Count the accepted jobs among those counted by class."""
    return sum(number for name, number in classes.items() if name not in _NOT_ACCEPTED)


def classify(  # noqa: PLR0913 - what the client saw, what was executed, and what was left
    requests: pd.DataFrame,
    executed: pd.DataFrame,
    steps: int,
    *,
    held: Sequence[int] | Numbers = (),
    failed: Sequence[int] | Numbers = (),
    written: Sequence[int] | Numbers = (),
    inspected: bool = True,
    deadline_s: float | None = None,
) -> pd.DataFrame:
    """Return a row per job: its times (ns, -1 if none), its counts, and its class.

    `requests` are those of the job stream, a row per job; `executed` has the same jobs in the same
    order (`Executions.jobs`), and then those that were not asked for. Each job has `steps` steps.
    `held` and `failed` are the places of the jobs that the queue still held, or kept as failed,
    when the drain closed, if it could be `inspected`; `written` those whose own row, which their
    request wrote, was there then. A job is done once if each of its steps
    ended exactly once. It is late if its last step ended more than `deadline_s` after the job was
    due. A job that was not accepted is orphaned if its row is there, while no step of it was begun
    and nobody has it.
    """
    jobs = pd.concat([_client_view(requests, len(executed)), executed], axis=1)
    # A job has no last end before its last step has ended.
    jobs["last_end_ns"] = jobs["last_end_ns"].where(jobs["steps_ended"] >= steps, NONE)
    left = tuple(_among(len(jobs), found) for found in (held, failed, written))
    jobs["outcome_class"] = _classes(jobs, steps, left, deadline_s, inspected=inspected)
    return jobs


def _client_view(requests: pd.DataFrame, jobs: int) -> pd.DataFrame:
    """Return what the client knows of each job."""
    asked = len(requests)
    due_us = requests["due_us"].to_numpy("int64")
    response_us = requests["response_us"].to_numpy("int64")
    due_ns, answered_ns = (np.full(jobs, NONE, np.int64) for _ in range(2))
    np.multiply(due_us, 1000, out=due_ns[:asked])
    np.multiply(due_us + response_us, 1000, out=answered_ns[:asked], where=response_us >= 0)
    outcome = np.full(jobs, OUTCOMES.categories.get_loc(NEVER_ASKED), np.int8)
    seen = requests["outcome"].astype("category").cat
    # An outcome that does not exist, in a file that was edited, is none: it has the code -1.
    outcome[:asked] = OUTCOMES.categories.get_indexer(seen.categories)[seen.codes]
    codes = pd.Categorical.from_codes(outcome, dtype=OUTCOMES)
    view = {"due_ns": due_ns, "answered_ns": answered_ns, "outcome": codes}
    return pd.DataFrame(view, copy=False)


def _among(jobs: int, numbers: Sequence[int] | Numbers) -> Chosen:
    """Return whether each job is one of these; negative numbers are of no job."""
    chosen = np.asarray(numbers, np.int64)
    return np.bincount(chosen[chosen >= 0], minlength=jobs) > 0


def begun_again(jobs: pd.DataFrame) -> int:
    """Count the classified jobs of which a step was begun more than once; phantoms do not count."""
    again = (jobs["most_starts"] > 1) & (jobs["outcome_class"] != OutcomeClass.PHANTOM)
    return int(again.sum())


def _classes(
    jobs: pd.DataFrame,
    steps: int,
    left: tuple[Chosen, ...],
    deadline_s: float | None,
    *,
    inspected: bool,
) -> pd.Categorical:
    """Return each job's class: the first that applies; `left`: the jobs held, failed and written.

    If the queue cannot be inspected, a job that was not done is not known to be lost: it is unseen.
    Nor is it known to be orphaned.
    """
    is_held, is_failed, is_written = left
    is_alone = is_written & ~is_held & ~is_failed & (jobs["starts"] == 0) & inspected
    done = jobs["steps_ended"] >= steps
    longest_ns = np.inf if deadline_s is None else deadline_s * 1e9
    late = jobs["last_end_ns"] - jobs["due_ns"] > longest_ns
    outcome, any_end = jobs["outcome"], jobs["ends"] > 0
    refused, unknown = outcome == Outcome.REFUSED, outcome == Outcome.UNKNOWN
    cases = [
        (outcome == NEVER_ASKED, OutcomeClass.PHANTOM),
        (refused & any_end, OutcomeClass.EXECUTED_THOUGH_REFUSED),
        ((refused | unknown) & is_alone, OutcomeClass.ORPHANED),
        (refused, OutcomeClass.REFUSED),
        (unknown & any_end, OutcomeClass.RECOVERED),
        (unknown, OutcomeClass.UNKNOWN),
        (jobs["most_ends"] > 1, OutcomeClass.DUPLICATED),
        (done & late, OutcomeClass.LATE),
        (done, OutcomeClass.ONCE),
        (is_failed, OutcomeClass.FAILED_VISIBLY),
        (is_held, OutcomeClass.STRANDED),
        (jobs["fails"] > 0, OutcomeClass.FAILED_VISIBLY),
    ]
    numbers = {name: np.int8(number) for number, name in enumerate(CLASSES.categories)}
    conditions = [np.asarray(condition, bool) for condition, _ in cases]
    otherwise = numbers[OutcomeClass.LOST if inspected else OutcomeClass.UNSEEN]
    codes = np.select(conditions, [numbers[name] for _, name in cases], otherwise)
    return pd.Categorical.from_codes(codes, dtype=CLASSES)
