"""Steps that are claimed before they are done: what the ledger has of an attempt."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from after202.hosts.ports import HOST, free_port
from after202.kernel.ledger import EventKind, Ledger, read_folder
from tests.workers.conftest import new_job
from workers import perform
from workers.services import database
from workers.settings import Settings

FAILED = [EventKind.START, EventKind.FAIL]
DONE = [EventKind.START, EventKind.END]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a ledger."""
    monkeypatch.setattr(perform, "_ledger", lambda: Ledger(tmp_path))
    return tmp_path


def recorded(folder: Path) -> list[EventKind]:
    """Return what the ledger has, in order."""
    events = (event for file in read_folder(folder) for event in file.events)
    return [event.kind for event in sorted(events, key=lambda event: event.at_ns)]


def claim(monkeypatch: pytest.MonkeyPatch, *, ours: bool, lost: bool = False) -> None:
    """Let the database say whether the step is ours, and lose the claim afterwards."""

    @contextmanager
    def claimed(*_: object) -> Iterator[bool]:
        yield ours
        if lost:
            raise psycopg.OperationalError

    monkeypatch.setattr(database, "claimed", claimed)


def test_an_attempt_without_a_database_has_failed(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that gives the job up leaves a record of its failure."""
    nowhere = Settings(database_url=f"postgresql://{HOST}:{free_port()}/x")
    monkeypatch.setattr(database, "settings", lambda: nowhere)
    with pytest.raises(psycopg.OperationalError):
        perform.perform_once(new_job("empty"), 0)
    assert recorded(ledger) == FAILED


@pytest.mark.parametrize(("ours", "events"), [(True, DONE), (False, [])])
def test_a_step_is_begun_if_its_claim_is_ours(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, ours: bool, events: list[EventKind]
) -> None:
    """A second delivery leaves no event."""
    claim(monkeypatch, ours=ours)
    perform.perform_once(new_job("empty"), 0)
    assert recorded(ledger) == events


def test_a_claim_that_is_lost_after_the_work_leaves_the_work_done(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was done, whatever becomes of the claim; the queue is told of the error."""
    claim(monkeypatch, ours=True, lost=True)
    with pytest.raises(psycopg.OperationalError):
        perform.perform_once(new_job("empty"), 0)
    assert recorded(ledger) == DONE
