"""DBOS: what its database holds of workflows that run, have failed, or were cut short.

There is no worker: the API does the work, and another process looks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from after202.brokers.interface import Server, ServerPlace
from after202.brokers.postgres import BROKER
from after202.hosts import environments, private
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, free_port
from after202.kernel.errors import TrialError
from after202.kernel.ledger import EventKind, LedgerReader
from after202.kernel.model import HARDENED, Look, Wiring
from after202.stacks.api import Api
from tests.services import Services
from tests.workers.queued import Queued

pytestmark = pytest.mark.processes
NAME, WAITS_S = "dbos_workflow", 60.0


@pytest.fixture
def server(scratch: Path, tmp_path: Path) -> Iterator[Server]:
    """Start a server for workflows."""
    folder = private.folder(scratch / tmp_path.name)
    place = ServerPlace(folder / "broker", tmp_path / "broker.log", ())
    started = BROKER.serve(place, BROKER.durabilities[0])
    yield started
    started.child.kill()


@pytest.fixture
def wiring(services: Services, server: Server, tmp_path: Path) -> Wiring:
    """Return a wiring to it, and to the services of all tests."""
    (tmp_path / "ledger").mkdir()
    told = {"broker_url": server.url, "ledger_folder": str(tmp_path / "ledger"), "api_key": "key"}
    return services.wiring.model_copy(update={**told, "data_folder": str(tmp_path / "data")})


@contextmanager
def serving(wiring: Wiring, folder: Path) -> Iterator[tuple[Child, Api]]:
    """Serve the API until the end of the block, which may kill it."""
    port = free_port()
    command = [environments.python(NAME), "-m", "apps", "serve", NAME, str(port)]
    child = Child(Launch("api", command, folder / "api.log", wiring.environment()))
    api = Api(HOST, port, wiring.api_key)
    try:
        until("the API", api.is_up, WAITS_S, [child])
        yield child, api
    finally:
        child.kill()


def submit(api: Api, workload: str) -> UUID:
    """Ask for a job, which is accepted; return its id."""
    job_id = uuid4()
    api.submit(api.offer(workload), job_id)
    return job_id


def recorded(wiring: Wiring, job_id: UUID) -> list[EventKind]:
    """Return what the ledger has of a job."""
    events = LedgerReader(Path(wiring.ledger_folder)).new_events()
    own = (event for event in events if event.job_id == job_id)
    return [event.kind for event in sorted(own, key=lambda event: event.at_ns)]


def test_a_workflow_that_was_cut_short_is_held_until_the_next_process_has_done_it(
    wiring: Wiring, tmp_path: Path
) -> None:
    """One that raised is kept as failed; the step that was cut short begins again."""
    facts = environments.describe([NAME])[NAME]
    assert (facts.worker, facts.inspector, facts.inspected) == ("", NAME, True)
    with serving(wiring, tmp_path) as (api_process, api):
        raises, long = submit(api, "raises"), submit(api, "long")
        until("a start", lambda: bool(recorded(wiring, long)), WAITS_S, [api_process])
    cut_short = Look(held={str(long): "PENDING"}, failed={str(raises): "ERROR"})
    assert Queued(NAME, tmp_path, wiring).held() == cut_short
    with serving(wiring, tmp_path) as (api_process, _):
        done = [EventKind.START, EventKind.START, EventKind.END]
        until("its end", lambda: recorded(wiring, long) == done, WAITS_S, [api_process])
        assert api_process.stop(WAITS_S)
    found = Queued(NAME, tmp_path, wiring).held()
    assert found is not None
    assert found.failed == cut_short.failed


def test_a_hardened_api_waits_for_its_workflows_and_refuses_without_its_database(
    wiring: Wiring, server: Server, tmp_path: Path
) -> None:
    """As documented, the first would be cut short, and the second would wait."""
    hardened = wiring.model_copy(update={"variant": HARDENED})
    with serving(hardened, tmp_path) as (api_process, api):
        slow = submit(api, "slow")
        until("a start", lambda: bool(recorded(wiring, slow)), WAITS_S, [api_process])
        assert api_process.stop(WAITS_S)
    assert recorded(wiring, slow) == [EventKind.START, EventKind.END]
    assert Queued(NAME, tmp_path, hardened).held() == Look()
    with serving(hardened, tmp_path) as (_, api):
        server.child.kill()
        with pytest.raises(TrialError, match="answered 500"):
            submit(api, "empty")
    assert Queued(NAME, tmp_path, hardened).held() is None
