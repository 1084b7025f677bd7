"""Work in the API itself: what becomes of it when the API is told to stop, and where it runs."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from after202.hosts.local import until
from after202.kernel.ledger import EventKind
from after202.kernel.model import DOCUMENTED, HARDENED
from tests.apps.client import Api, Apis
from tests.services import SLOTS, Services
from workers.workloads.poison import POISONED

JOBS, STOP_S, WAIT_S = 3, 20.0, 30.0
# Long enough that a busy machine stops the API before they end.
TWO_SECONDS = '{"wait_us": 2000000}'
SPIN = '{"spin_us": 5000000}'
WAITED_FOR = [
    ("background_tasks", DOCUMENTED),
    ("background_tasks", HARDENED),
    ("background_tasks", "sync"),
    ("gather", DOCUMENTED),
    ("create_task", HARDENED),
]


@dataclass
class Stopping:
    """APIs of a test's own, which it stops."""

    apis: Apis
    services: Services

    def busy(self, strategy: str, variant: str) -> tuple[Api, list[UUID]]:
        """Return an API that has begun some jobs, and the jobs."""
        api, jobs = self.apis.of(strategy, variant), [uuid4() for _ in range(JOBS)]
        self.submit(api, "calibration", jobs, TWO_SECONDS)
        until("the start", lambda: self.count(EventKind.START, jobs) == JOBS, WAIT_S, api.children)
        assert self.count(EventKind.END, jobs) == 0
        return api, jobs

    def submit(self, api: Api, workload: str, jobs: list[UUID], body: str = "") -> None:
        """Have the API accept the jobs."""
        example = api.offers()[workload].example.model_copy(update={"body": body})
        for job_id in jobs:
            assert api.ask_for(example, job_id).status == 202

    def count(self, kind: EventKind, jobs: list[UUID]) -> int:
        """Return how many of these jobs of one step have such an event."""
        return sum(self.services.steps(job_id, kind) == [0] for job_id in jobs)


@pytest.fixture
def stopping(services: Services) -> Iterator[Stopping]:
    """Start APIs when asked, stop all of them at the end."""
    with ExitStack() as running:
        yield Stopping(Apis(services, running), services)


@pytest.mark.parametrize(("strategy", "variant"), WAITED_FOR)
def test_what_something_waits_for_is_done(stopping: Stopping, strategy: str, variant: str) -> None:
    """The server waits for requests with their background tasks, and then for the lifespan."""
    api, jobs = stopping.busy(strategy, variant)
    assert api.children[-1].stop(STOP_S)
    assert stopping.count(EventKind.END, jobs) == JOBS


def test_a_task_that_was_merely_created_ends_with_the_process(stopping: Stopping) -> None:
    """Not one is done, and nothing in the log says so."""
    api, jobs = stopping.busy("create_task", DOCUMENTED)
    assert api.children[-1].stop(STOP_S)
    assert stopping.count(EventKind.END, jobs) == 0
    assert api.children[-1].log_text() == ""


def test_uvicorn_cancels_what_outlasts_its_own_time_out(stopping: Stopping) -> None:
    """However long the deploy would have waited."""
    api, jobs = stopping.busy("background_tasks", "short_shutdown")
    assert api.children[-1].stop(STOP_S)
    assert stopping.count(EventKind.END, jobs) == 0
    log = api.children[-1].log_text()
    assert f"Cancel {JOBS} running task(s), timeout graceful shutdown exceeded" in log


@pytest.mark.parametrize("variant", [DOCUMENTED, HARDENED])
def test_a_task_that_raises_is_in_the_log(stopping: Stopping, variant: str) -> None:
    """Bare, as asyncio says it when it collects the task; kept, with the job's id."""
    api, jobs = stopping.apis.of("create_task", variant), [uuid4() for _ in range(JOBS)]
    stopping.submit(api, "raises", jobs)
    bare = "Task exception was never retrieved"
    said = {bare} if variant == DOCUMENTED else {f"of job {job_id} failed" for job_id in jobs}
    log = api.children[-1].log_text
    until(
        "a line for each",
        lambda: (
            all(line in log() for line in said)
            and stopping.count(EventKind.FAIL, jobs) == JOBS
            and (variant == HARDENED or log().count(bare) == JOBS)
        ),
        WAIT_S,
        api.children,
    )
    assert log().count(bare) == (JOBS if variant == DOCUMENTED else 0)


def test_plain_functions_leave_the_event_loop_free(stopping: Stopping) -> None:
    """One that spins holds a thread, and the API answers others; a coroutine would hold it up."""
    api, jobs = stopping.apis.of("background_tasks", "sync"), [uuid4()]
    stopping.submit(api, "calibration", jobs, SPIN)
    until("the start", lambda: stopping.count(EventKind.START, jobs) == 1, WAIT_S, api.children)
    assert api.is_up()
    assert stopping.count(EventKind.END, jobs) == 0


@pytest.mark.parametrize("variant", [DOCUMENTED, HARDENED])
def test_a_pool_is_waited_for_with_what_waits_in_it(stopping: Stopping, variant: str) -> None:
    """Its shutdown, at the end of the lifespan, lets it do what it was given."""
    api, jobs = stopping.apis.of("process_pool", variant), [uuid4() for _ in range(JOBS)]
    stopping.submit(api, "calibration", jobs, TWO_SECONDS)
    begun = lambda: stopping.count(EventKind.START, jobs) == SLOTS  # noqa: E731
    until("the start", begun, WAIT_S, api.children)
    assert api.children[-1].stop(STOP_S)
    assert stopping.count(EventKind.END, jobs) == JOBS > SLOTS


@pytest.mark.parametrize("variant", [DOCUMENTED, HARDENED])
def test_a_pool_that_lost_a_process_takes_no_more_unless_it_is_renewed(
    stopping: Stopping, variant: str
) -> None:
    """Bare, it fails whatever it is given; otherwise the job that died is in the log."""
    api, deadly, other = stopping.apis.of("process_pool", variant), UUID(int=POISONED), uuid4()
    stopping.submit(api, "poison", [deadly])
    broken = "terminated abruptly"
    until("the failure", lambda: broken in api.children[-1].log_text(), WAIT_S, api.children)
    example = api.offers()["empty"].example
    answer = api.ask_for(example, other)
    assert answer.status == (500 if variant == DOCUMENTED else 202)
    if variant == HARDENED:
        done = lambda: stopping.count(EventKind.END, [other]) == 1  # noqa: E731
        until("the other job", done, WAIT_S, api.children)
    names_it = f"of job {deadly} failed" in api.children[-1].log_text()
    assert names_it == (variant == HARDENED)
    assert api.is_up()
