"""Celery with threads: a real worker on a real Redis, whose slots are threads of one process."""

from pathlib import Path
from signal import SIGTERM
from uuid import UUID

import pytest

from after202.hosts.local import until
from after202.kernel.ledger import EventKind, read_folder
from after202.kernel.model import Look
from tests.workers.queued import TIMEOUT_S, Queued, queued

pytestmark = pytest.mark.processes
SLOTS = 2


@pytest.fixture
def own(tmp_path: Path, broker: str) -> Queued:
    """Give Celery with threads, and a broker of its own."""
    return queued("celery_queue", tmp_path, broker, variant="threads", slots=SLOTS)


def at_once(own: Queued) -> int:
    """Return how many steps ran at the same time, at most; all in one process."""
    (file,) = read_folder(Path(own.wiring.ledger_folder))
    running = most = 0
    for event in sorted(file.events, key=lambda event: event.at_ns):
        running += 1 if event.kind is EventKind.START else -1
        most = max(most, running)
    return most


def test_as_many_jobs_run_as_there_are_slots_and_on_term_they_end(own: Queued) -> None:
    """Nothing cuts them short; what waits stays where it is."""
    jobs = own.enqueue("slow", SLOTS + 12)
    with own.worker() as child:
        own.wait(EventKind.END, SLOTS, child)
        assert len(child.tree()) == 1
        child.signal(SIGTERM)
        until("its end", lambda: child.exit_code is not None, TIMEOUT_S, [])
    ended = own.events(EventKind.END)
    assert sorted(own.events(EventKind.START)) == sorted(ended)
    assert own.held() == Look(held=dict.fromkeys({*jobs} - {*map(str, ended)}, "queue"))
    assert at_once(own) == SLOTS


def test_who_is_killed_takes_every_slot_with_it_and_what_it_did_is_nowhere(own: Queued) -> None:
    """It had acknowledged those; what it had fetched ahead is still unacknowledged."""
    jobs = own.enqueue("long", SLOTS + 2)
    with own.worker() as child:
        own.wait(EventKind.START, SLOTS, child)
        fetched = {*jobs} - {*map(str, own.events(EventKind.START))}
        own.until_held(Look(held=dict.fromkeys(fetched, "unacked")), child)
        child.kill()
    assert own.events(EventKind.END) == []
    assert own.held() == Look(held=dict.fromkeys(fetched, "unacked"))
    assert {*map(UUID, jobs)} > {*own.events(EventKind.START)}
