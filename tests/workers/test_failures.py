"""Steps that cannot be done: they fail where everybody sees it, and the next one works."""

import json
import signal
from uuid import UUID

import pytest

from after202.kernel.ledger import EventKind
from after202.kernel.model import NUMBERS, Job
from tests.services import Services
from tests.workers.conftest import FORMS, Performer, new_job, new_upload

BAD_UPLOADS = {
    "not UTF-8": b"day,visits\n1,\xff\xfe\n",
    "a byte cut off": "ü".encode()[:1],
    "NUL": b"day,visits\n1,\x00\n",
    "an open quote": b'day,visits\n"1,2\n',
    "a field too large": b"x" * 200_000,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("step", [1, 2])
def test_a_step_of_ordered_work_that_comes_too_early_fails(
    services: Services, performer: Performer, step: int, form: str
) -> None:
    """It needs what the step before it left; without that it leaves nothing."""
    job = new_job("process", data="record")

    assert "ran before" in performer.do(form, job, step)

    assert [(event.kind, event.step) for event in services.events(job.id)] == [
        (EventKind.START, step),
        (EventKind.FAIL, step),
    ]
    assert services.effects(job.id) == {}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", BAD_UPLOADS.values(), ids=BAD_UPLOADS)
def test_a_bad_upload_fails_its_job_and_a_later_good_one_is_counted(
    services: Services, performer: Performer, content: bytes, form: str
) -> None:
    """The bad one leaves no row; the good one is none the worse for it."""
    bad = new_upload(services, content)
    good = new_upload(services, b"day,visits\n1,2\n")

    error = performer.do(form, bad, 0)
    assert error.startswith(f"UnfitInputError: job {bad.id}: ")
    assert performer.do(form, good, 0) == ""

    assert services.steps(bad.id, EventKind.FAIL) == [0]
    assert services.steps(bad.id, EventKind.END) == []
    assert services.rows("uploads", bad.id) == []
    assert services.rows("uploads", good.id) == [(2, 15)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("content", "rows"), [(b"", 0), (b"\r\n", 1), (b"a,b", 1)])
def test_an_odd_upload_that_is_csv_is_counted(
    services: Services, performer: Performer, content: bytes, rows: int, form: str
) -> None:
    """Empty files and missing line ends are not errors."""
    job = new_upload(services, content)
    assert performer.do(form, job, 0) == ""
    assert services.rows("uploads", job.id) == [(rows, len(content))]


@pytest.mark.parametrize("form", FORMS)
def test_an_upload_whose_file_is_gone_fails(
    services: Services, performer: Performer, form: str
) -> None:
    """A worker on a machine without the file says so."""
    job = new_job("uploads", kept_as="00000000-0000-4000-8000-000000000000", size_bytes=1)
    assert "FileNotFoundError" in performer.do(form, job, 0)
    assert services.steps(job.id, EventKind.FAIL) == [0]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("workload", "request_"),
    [("signup", {"username": "a b", "email": "nobody"}), ("reports", {"user_id": "seven"})],
)
def test_a_message_that_does_not_fit_its_workload_fails(
    services: Services, performer: Performer, workload: str, request_: dict[str, str], form: str
) -> None:
    """What a queue delivers is validated again, and a bad message leaves nothing."""
    job = new_job(workload, **request_)
    assert "ValidationError" in performer.do(form, job, 0)
    assert services.steps(job.id, EventKind.FAIL) == [0]
    assert services.effects(job.id) == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_job_that_raises_does_so_however_often(
    services: Services, performer: Performer, form: str
) -> None:
    """It never ends."""
    job = new_job("raises")
    assert all("JobError" in performer.do(form, job, 0) for _ in range(3))
    assert services.steps(job.id, EventKind.FAIL) == [0, 0, 0]
    assert services.steps(job.id, EventKind.END) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_job_that_raises_twice_works_then(
    services: Services, performer: Performer, form: str
) -> None:
    """Two failures and an end, counted by the job and not by the process."""
    job, other = new_job("raises_twice"), new_job("raises_twice")
    assert "attempt 1" in performer.do(form, job, 0)
    assert "attempt 1" in performer.do(form, other, 0)
    assert "attempt 2" in performer.do(form, job, 0)
    assert performer.do(form, job, 0) == ""
    assert services.steps(job.id, EventKind.FAIL) == [0, 0]
    assert services.steps(job.id, EventKind.END) == [0]


def numbered(job: Job, number: int) -> Job:
    """Return the job with an id such as a generator's job of this number has."""
    return job.model_copy(update={"id": UUID(int=job.id.int // NUMBERS * NUMBERS + number)})


@pytest.mark.parametrize("form", FORMS)
def test_the_fifth_job_kills_the_process_that_does_it(
    services: Services, mortal: Performer, form: str
) -> None:
    """The fourth and one that no generator sent do not; of the fifth, the start is all there is."""
    fourth, fifth = (numbered(new_job("poison"), number) for number in (4, 5))
    assert mortal.do(form, fourth, 0) == ""
    assert mortal.do(form, new_job("poison"), 0) == ""
    with pytest.raises(json.JSONDecodeError):
        mortal.do(form, fifth, 0)
    assert mortal.process.wait(10) == -signal.SIGKILL
    assert services.steps(fifth.id, EventKind.START) == [0]
    assert services.steps(fifth.id, EventKind.END) == []


@pytest.mark.parametrize("form", FORMS)
def test_an_address_beyond_ascii_gets_its_mail(
    services: Services, performer: Performer, form: str
) -> None:
    """What the request model accepts, the mail server takes."""
    job = new_job("signup", username="jürgen", email="jürgen@example.org")
    assert performer.do(form, job, 0) == ""
    (mail,) = services.mails(job.id)
    assert mail["to"] == "jürgen@example.org"
