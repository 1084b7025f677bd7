"""For each strategy and workload: what was accepted is done once, by the services' own count."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID, uuid4

import psycopg
import pytest

from after202.hosts.local import until
from after202.kernel.ledger import EventKind
from after202.servers import databases
from tests.apps.client import IN_PROCESS, SIDES, STRATEGIES, Api, Apis
from tests.services import Services
from tests.workers.test_steps import EFFECTS
from workers import workloads

JOBS = 5
WAIT_S = 30.0


def ended(services: Services, jobs: Mapping[UUID, int]) -> bool:
    """Say whether each job has as many ended steps as it has steps."""
    return all(len(services.steps(job, EventKind.END)) >= steps for job, steps in jobs.items())


def test_all_strategies_of_the_folder_are_tested() -> None:
    """The folder is the registry."""
    assert set(STRATEGIES) >= {"inline", "background_tasks", "gather", "celery_queue", "rq_queue"}


@pytest.mark.parametrize(("strategy", "variant"), SIDES)
def test_an_accepted_order_has_one_row(
    apis: Apis, services: Services, strategy: str, variant: str
) -> None:
    """The request itself stores it, so it is there when the answer comes."""
    api = apis.of(strategy, variant)
    offer, job_id = api.offers()["order"], uuid4()
    assert api.ask_for(offer.example.numbered(1), job_id).status == 202
    with psycopg.connect(services.wiring.database_url) as connection:
        counted = "SELECT count(*) FROM orders WHERE job_id = %s"
        assert connection.execute(counted, (job_id,)).fetchone() == (1,)
    assert str(job_id) in databases.jobs_in(services.wiring.database_url, offer.writes)
    _until_ended(api, services, {job_id: len(offer.steps)})


@pytest.mark.parametrize("workload", EFFECTS)
@pytest.mark.parametrize(("strategy", "variant"), SIDES)
def test_accepted_jobs_leave_as_many_effects_as_the_ledger_has_ended_steps(
    apis: Apis, services: Services, strategy: str, variant: str, workload: str
) -> None:
    """Mails, rows, keys, lines and reports are counted where they arrive."""
    # Given an API
    api = apis.of(strategy, variant)
    offer = api.offers()[workload]
    jobs = {uuid4(): len(offer.steps) for _ in range(JOBS)}

    # When it accepts jobs
    for number, job_id in enumerate(jobs):
        answer = api.ask_for(offer.example.numbered(number), job_id)
        assert (answer.status, answer.json) == (202, {"job_id": str(job_id)})
        if offer.ordered:
            _until_ended(api, services, {job_id: jobs[job_id]})

    # Then every step of each starts and ends once, and leaves its effect
    _until_ended(api, services, jobs)
    found = Counter[str]()
    for job_id, steps in jobs.items():
        assert sorted(services.steps(job_id, EventKind.START)) == list(range(steps))
        assert sorted(services.steps(job_id, EventKind.END)) == list(range(steps))
        found += services.effects(job_id)
    assert found == {kind: JOBS * count for kind, count in EFFECTS[workload].items()}
    ends = sum(len(services.steps(job_id, EventKind.END)) for job_id in jobs)
    assert found.total() == (ends if EFFECTS[workload] else 0)


@pytest.mark.parametrize(("strategy", "variant"), SIDES)
def test_ordered_steps_follow_one_another(
    apis: Apis, services: Services, strategy: str, variant: str
) -> None:
    """No step of ordered work starts before the one before it has ended."""
    api = apis.of(strategy, variant)
    for _ in range(JOBS):
        jobs = _submitted(api, "process", 1)
        _until_ended(api, services, jobs)
        (job_id,) = jobs
        assert [(event.kind, event.step) for event in services.events(job_id)] == [
            (kind, step) for step in range(3) for kind in (EventKind.START, EventKind.END)
        ]


def test_inline_answers_when_the_work_is_done(apis: Apis, services: Services) -> None:
    """The effects are there with the answer."""
    (job_id,) = _submitted(apis.of("inline"), "signup", 1)
    assert services.steps(job_id, EventKind.END) == [0, 1, 2]
    assert services.effects(job_id) == EFFECTS["signup"]


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "inline"])
def test_all_others_answer_before_the_work_is_done(
    apis: Apis, services: Services, strategy: str
) -> None:
    """A job that waits for half a second is answered while it waits."""
    api, job_id = apis.of(strategy), uuid4()
    example = api.offers()["calibration"].example.model_copy(update={"body": '{"wait_us": 500000}'})
    assert api.ask_for(example, job_id).status == 202
    assert services.steps(job_id, EventKind.END) == []
    until("its end", lambda: ended(services, {job_id: 1}), WAIT_S, api.children)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_job_without_an_id_gets_one(apis: Apis, services: Services, strategy: str) -> None:
    """The answer's id is the job's."""
    api = apis.of(strategy)
    example = api.offers()["send_notification"].example.numbered(1)
    answer = api.ask(example.method, example.path, example.body, example.headers)
    job_id = UUID(answer.json["job_id"])
    until("its end", lambda: ended(services, {job_id: 1}), WAIT_S, api.children)
    assert services.effects(job_id) == {"lines": 1}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_bad_upload_stops_neither_the_server_nor_its_worker(
    apis: Apis, services: Services, strategy: str
) -> None:
    """It fails visibly, leaves no row, and a good one after it is counted."""
    # Given an API that has accepted a file that is not text
    api = apis.of(strategy)
    bad, answer = api.upload(b"\xff\xfe\x00")
    assert answer.status == (422 if strategy == "inline" else 202)
    until("FAIL", lambda: services.steps(bad, EventKind.FAIL) != [], WAIT_S, api.children)

    # When a good one follows
    good, answer = api.upload(b"a,b\n1,2\n")
    assert answer.status == 202
    until("END", lambda: ended(services, {good: 1}), WAIT_S, api.children)

    # Then only the good one is counted
    assert services.rows("uploads", good) == [(2, 8)]
    assert services.rows("uploads", bad) == []
    assert services.steps(bad, EventKind.START) == services.steps(bad, EventKind.FAIL) == [0]
    assert api.is_up()


@pytest.mark.parametrize("strategy", IN_PROCESS)
def test_many_failing_jobs_leave_the_server_answering(apis: Apis, strategy: str) -> None:
    """An exception in the background is not the end of the process."""
    api = apis.of(strategy)
    for _ in range(10):
        api.upload(b"\xff")
    assert api.is_up()
    assert all(child.exit_code is None for child in api.children)


def _until_ended(api: Api, services: Services, jobs: Mapping[UUID, int]) -> None:
    """Wait for the end of jobs.

    Ordered ones are asked for one at a time, because RQ 3.0 may leave one until its next clean-up
    when the next steps of two become ready at once (docs/guarantees.md).
    """
    until("the end of all jobs", lambda: ended(services, jobs), WAIT_S, api.children)


def _submitted(api: Api, workload: str, count: int) -> dict[UUID, int]:
    offer = api.offers()[workload]
    jobs = {uuid4(): len(offer.steps) for _ in range(count)}
    for number, job_id in enumerate(jobs):
        assert api.ask_for(offer.example.numbered(number), job_id).status == 202
    return jobs


def test_the_offers_are_the_workloads(apis: Apis) -> None:
    """An API offers every workload of the folder, as its file says."""
    offers = apis.of("inline").offers()
    assert offers == {name: workload.offer() for name, workload in workloads.load_all().items()}
