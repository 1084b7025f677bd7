"""When an episode's drain may end: nothing left, or nobody has it, and nothing under way."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from after202.hosts.processes import is_alive
from after202.kernel.ledger import Event, EventKind, Ledger, Writer
from after202.measure.watch import progress as watch
from after202.measure.watch.progress import Progress, settle

HORIZON_S = 1.0
START, END, FAIL = EventKind.START, EventKind.END, EventKind.FAIL


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call it still after a moment."""
    monkeypatch.setattr(watch, "STILL_S", 0.3)
    monkeypatch.setattr(watch, "LOOK_S", 0.02)


def lives(writer: Writer) -> bool:
    """Say whether a process of this machine lives."""
    return is_alive(writer.pid)


def settled(folder: Path, jobs: set[UUID], holds: Callable[[], bool]) -> bool:
    """Settle jobs of one step."""
    progress = Progress(folder, (), lives)
    return settle(
        progress, lambda: progress.undone(jobs, 1), holds, lambda: HORIZON_S, lambda: None
    )


def write(folder: Path, *events: tuple[EventKind, UUID]) -> None:
    """Record events by this process, which lives."""
    ledger = Ledger(folder)
    for kind, job in events:
        ledger.record(kind, job, 0)


def test_all_done_and_an_empty_queue_is_settled(tmp_path: Path) -> None:
    """Well done, that is."""
    job = uuid4()
    write(tmp_path, (START, job), (END, job))
    assert settled(tmp_path, {job}, lambda: False)


def test_a_queue_that_holds_something_is_waited_for(tmp_path: Path) -> None:
    """What it holds may be done, or done again."""
    done, held = uuid4(), uuid4()
    write(tmp_path, (START, done), (END, done))
    assert not settled(tmp_path, {done, held}, lambda: True)
    assert not settled(tmp_path, {done}, lambda: True)
    looks = iter([True, True, False, False, False])
    assert settled(tmp_path, {done}, lambda: next(looks, False))


def test_the_horizon_counts_from_when_something_moved_last(tmp_path: Path) -> None:
    """A queue that is behind is not cut off while it works."""
    job, other = uuid4(), uuid4()
    write(tmp_path, (START, job))
    moved = iter([0.4, 0.8, 1.2])
    start_s, at_s = time.monotonic(), next(moved)

    def work() -> None:
        nonlocal at_s
        if time.monotonic() - start_s > at_s:
            write(tmp_path, (START, uuid4()))
            at_s = next(moved, 1e9)

    progress = Progress(tmp_path, (), lives)
    settle(
        progress, lambda: progress.undone({job, other}, 1), lambda: True, lambda: HORIZON_S, work
    )
    assert time.monotonic() - start_s > 1.2 + HORIZON_S


def test_what_nobody_has_is_not_waited_for(tmp_path: Path) -> None:
    """It is lost, or has failed."""
    lost, failed = uuid4(), uuid4()
    write(tmp_path, (START, failed), (FAIL, failed))
    assert settled(tmp_path, {lost, failed}, lambda: False)


def test_a_job_that_is_done_again_is_waited_for(tmp_path: Path) -> None:
    """Its second performance has begun, in a process that lives."""
    job = uuid4()
    write(tmp_path, (START, job), (END, job), (START, job))
    progress = Progress(tmp_path, (), lives)
    assert progress.running_jobs() == {job}
    assert [writer.pid for writer in progress.running()] == [os.getpid()]
    assert progress.undone({job}, 1) == 0
    write(tmp_path, (END, job))
    assert progress.running_jobs() == set()
    assert settled(tmp_path, {job}, lambda: False)


def test_a_job_of_a_process_that_died_does_not_run(tmp_path: Path) -> None:
    """Its start is all that there is."""
    progress = Progress(tmp_path, (), lives)
    dead = Writer("here", 2**22 + 1, 0)
    progress._take(Event(START, uuid4(), 0, dead.pid, 0), dead)
    assert progress.running() == [dead]
    assert progress.running_jobs() == set()


def test_the_watch_may_end_it(tmp_path: Path) -> None:
    """A run that is being stopped, say."""

    def stop() -> None:
        raise InterruptedError

    progress = Progress(tmp_path, (), lives)
    with pytest.raises(InterruptedError):
        settle(progress, lambda: 1, lambda: True, lambda: HORIZON_S, stop)
