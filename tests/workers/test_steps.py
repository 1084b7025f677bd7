"""Every step of every workload, in both forms: its effect arrives once, and the ledger says so."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from after202.kernel.ledger import EventKind
from after202.kernel.model import Job
from tests.services import Services
from tests.workers.conftest import FORMS, Performer, new_job, new_upload
from workers import workloads
from workers.services.cache import TTL_S

LETTER = "Grüße, 日本 'and' \"quotes\"; DROP TABLE uploads"
CSV = b'day,"visi""ts"\n1,2\n"3\n4",5\n'

JOBS: dict[str, Callable[[Services], Job]] = {
    "calibration": lambda _: new_job("calibration", spin_us=1000, wait_us=1000),
    "empty": lambda _: new_job("empty"),
    "items": lambda _: new_job("items", item_id=2**31 - 1, user_id=1),
    "login": lambda _: new_job("login", username="jürgen_1"),
    "order": lambda _: new_job("order", email="ann@example.org", item_id=2**31 - 1),
    "posts": lambda _: new_job("posts", title=LETTER, content=f"{LETTER}\n two", author=LETTER),
    "process": lambda _: new_job("process", data=LETTER),
    "reports": lambda _: new_job("reports", user_id=7, report_type="visits"),
    "send_notification": lambda _: new_job("send_notification", email="ann@example.org"),
    "slow": lambda _: new_job("slow"),
    "slow_insert": lambda _: new_job("slow_insert"),
    "signup": lambda _: new_job("signup", username="jürgen", email="jurgen+x@example.org"),
    "uploads": lambda services: new_upload(services, CSV),
    "wait": lambda _: new_job("wait"),
}
# What each leaves, once, in the words of `Services.effects`.
EFFECTS = {
    "calibration": {},
    "empty": {},
    "items": {"rows": 1},
    "login": {"lines": 2},
    "order": {"mails": 1, "lines": 1},
    "posts": {"keys": 1, "rows": 1},
    "process": {"keys": 2, "rows": 1},
    "reports": {"reports": 1},
    "send_notification": {"lines": 1},
    "signup": {"mails": 1, "lines": 1, "notifications": 1},
    "slow": {},
    "slow_insert": {"rows": 1},
    "uploads": {"rows": 1},
    "wait": {},
}
TIME = re.compile(r"\b\d{10}\.\d{3}\b")


def contents(services: Services, job_id: UUID) -> dict[str, Any]:
    """Return all that a job left, without its id and its times."""
    report = services.report(job_id)
    left: dict[str, Any] = {
        "mails": services.mails(job_id),
        "lines": [TIME.sub("TIME", line) for line in services.log_lines(job_id)],
        "keys": [(key, value) for key, value, _ in services.kept(job_id)],
        "notifications": services.notifications(job_id),
        "report": report.read_text() if report.exists() else None,
        "rows": {
            table: services.rows(table, job_id)
            for table in ("post_statistics", "analytics", "processed", "uploads")
        },
    }
    return dict(json.loads(json.dumps(left).replace(str(job_id), "ID")))


def test_every_workload_is_tested_here() -> None:
    """A workload that is added is added to these tables.

    Those that fail are in test_failures, and `long` differs from `wait` only in its time.
    """
    others = {"raises", "raises_twice", "poison", "long"}
    assert set(workloads.names()) - others == set(JOBS) == set(EFFECTS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workload", JOBS)
def test_a_job_that_ended_is_a_job_whose_effects_are_there_once(
    services: Services, performer: Performer, workload: str, form: str
) -> None:
    """Each step has started and ended once, in order, and has left what it should."""
    job = JOBS[workload](services)
    steps = range(len(workloads.load(workload).steps))

    assert performer.do_all(form, job) == ["" for _ in steps]

    expected = [(kind, step) for step in steps for kind in (EventKind.START, EventKind.END)]
    assert [(event.kind, event.step) for event in services.events(job.id)] == expected
    assert services.effects(job.id) == EFFECTS[workload]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workload", JOBS)
def test_a_step_leaves_its_effect_when_it_is_done_and_not_before(
    services: Services, performer: Performer, workload: str, form: str
) -> None:
    """Between START and END of a step comes one effect of its own, if it has any."""
    job = JOBS[workload](services)
    own = 1 if EFFECTS[workload] else 0
    for step in range(len(workloads.load(workload).steps)):
        assert services.effects(job.id).total() == own * step
        performer.do(form, job, step)
        assert services.effects(job.id).total() == own * (step + 1)


@pytest.mark.parametrize("workload", JOBS)
def test_both_forms_of_a_step_have_the_same_effect(
    services: Services, performer: Performer, workload: str
) -> None:
    """Mails, lines, values, rows and reports are equal but for ids and times."""
    found = []
    for form in FORMS:
        job = JOBS[workload](services)
        performer.do_all(form, job)
        found.append(contents(services, job.id))
    assert found[0] == found[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workload", JOBS)
def test_work_that_is_done_twice_shows(
    services: Services, performer: Performer, workload: str, form: str
) -> None:
    """The ledger has every performance; lines, mails and rows are not folded into one."""
    job = JOBS[workload](services)
    performer.do_all(form, job)
    performer.do_all(form, job)
    steps = list(range(len(workloads.load(workload).steps)))
    assert services.steps(job.id, EventKind.END) == steps + steps
    doubled = {k: n * (1 if k in ("keys", "reports") else 2) for k, n in EFFECTS[workload].items()}
    assert services.effects(job.id) == doubled


@pytest.mark.parametrize("form", FORMS)
def test_the_effects_say_what_was_asked_for(
    services: Services, performer: Performer, form: str
) -> None:
    """Contents are those of the request, letters beyond ASCII and quotes included."""
    done = {name: make(services) for name, make in JOBS.items()}
    for job in done.values():
        performer.do_all(form, job)
    found = {name: contents(services, job.id) for name, job in done.items()}

    (mail,) = found["signup"]["mails"]
    assert (mail["to"], mail["subject"]) == ("jurgen+x@example.org", "Welcome!")
    assert found["signup"]["lines"] == ["ID signup jürgen"]
    assert found["signup"]["notifications"] == [["notifications:jürgen", "ID account ready"]]
    assert found["login"]["lines"] == [
        "ID login-action jürgen_1 logged in",
        "ID login-time jürgen_1 TIME",
    ]
    assert found["posts"]["keys"] == [["post:ID", f"{LETTER}|{LETTER}\n two"]]
    assert found["posts"]["rows"]["post_statistics"] == [[LETTER, len(LETTER.split()) + 1]]
    assert found["process"]["keys"] == [
        ["process:ID:extracted", LETTER],
        ["process:ID:transformed", LETTER.upper()],
    ]
    assert found["process"]["rows"]["processed"] == [[LETTER.upper()]]
    assert found["items"]["rows"]["analytics"] == [[2**31 - 1, 1]]
    assert found["uploads"]["rows"]["uploads"] == [[3, len(CSV)]]
    assert found["send_notification"]["lines"] == ["ID notification ann@example.org"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workload", ["posts", "process"])
def test_what_is_cached_is_kept_for_an_hour(
    services: Services, performer: Performer, workload: str, form: str
) -> None:
    """Every value has a TTL: a long run does not fill the cache."""
    job = JOBS[workload](services)
    performer.do_all(form, job)
    assert all(TTL_S - 60 < kept.ttl_s <= TTL_S for kept in services.kept(job.id))


@pytest.mark.parametrize("form", FORMS)
def test_a_report_depends_on_its_request_alone(
    services: Services, performer: Performer, form: str
) -> None:
    """Two runs do the same work; another user's report is another report."""
    reports = []
    for user_id in (7, 7, 8):
        job = new_job("reports", user_id=user_id)
        performer.do_all(form, job)
        reports.append(json.loads(services.report(job.id).read_text()))

    assert reports[0] == reports[1] != reports[2]
    assert (reports[0]["user_id"], reports[0]["type"]) == (7, "sales")
    # The mean of 6,000 values with a deviation of 15 is within 5 sigma of 100.
    assert abs(reports[0]["mean"] - 100) < 5 * 15 / 6_000**0.5
    assert reports[0]["deciles"] == sorted(reports[0]["deciles"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("spin_us", "wait_us"), [(20_000, 0), (0, 20_000), (10_000, 10_000)])
def test_the_calibration_takes_its_known_time(
    services: Services, performer: Performer, form: str, spin_us: int, wait_us: int
) -> None:
    """The ledger's service time is at least what was asked for, and not twice as much."""
    job = new_job("calibration", spin_us=spin_us, wait_us=wait_us)
    performer.do_all(form, job)
    start, end = services.events(job.id)
    assert 20_000_000 <= end.at_ns - start.at_ns < 10 * 20_000_000
