"""Which jobs the worker's log reports as failed."""

from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from after202.kernel.ledger import Event, EventKind, Writer
from after202.measure.watch import failures
from after202.measure.watch.progress import Progress
from after202.records.experiment import Role
from workers.celery_queue import FAILURE_LOGGED

REPORTED = Writer("here", 31, 0)
LOG = "[12:00:00,000: ERROR/MainProcess] Process 'ForkPoolWorker-2' pid:31 exited with 'signal 9'\n"


def logged(folder: Path, log: str, pattern: str, *, lives: bool = False) -> int:
    """Return how many of two jobs count: one's process is in the log, the other's is not."""
    progress = Progress(folder, (), lambda _: lives)
    for writer in (REPORTED, Writer("here", 3, 0)):
        progress._take(Event(EventKind.START, uuid4(), 0, writer.pid, 0), writer)
    worker = SimpleNamespace(log_text=lambda: log)
    stack = SimpleNamespace(roles={Role.WORKER: worker})
    facts = SimpleNamespace(failure_logged=pattern)
    return len(failures.logged(stack, facts, progress))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("log", "pattern", "lives", "expected"),
    [
        (LOG, FAILURE_LOGGED, False, 1),
        (LOG, FAILURE_LOGGED, True, 0),
        ("", FAILURE_LOGGED, False, 0),
        (LOG, "", False, 0),
    ],
)
def test_a_job_counts_if_its_process_died_in_the_middle_and_the_log_says_so(
    tmp_path: Path, log: str, pattern: str, lives: bool, expected: int
) -> None:
    """Not one whose process lives, nor where the queue has no such line."""
    assert logged(tmp_path, log, pattern, lives=lives) == expected


def test_a_strategy_without_a_worker_has_no_such_log(tmp_path: Path) -> None:
    """Its process and its log are the API's."""
    progress = Progress(tmp_path, (), lambda _: False)
    progress._take(Event(EventKind.START, uuid4(), 0, 31, 0), REPORTED)
    stack = SimpleNamespace(roles={})
    facts = SimpleNamespace(failure_logged=FAILURE_LOGGED)
    assert failures.logged(stack, facts, progress) == {}  # type: ignore[arg-type]
