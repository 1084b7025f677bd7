"""Bad input: 422 or 413, for every strategy, and never 500."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from after202.kernel.model import JOB_ID_HEADER, key_header
from tests.apps.client import JSON_TYPE, STRATEGIES, Api, Apis
from tests.services import Services
from workers import workloads
from workers.workloads import calibration
from workers.workloads.uploads import LIMIT_BYTES

LONGEST_US = 1_000
AS_DOCUMENTED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BAD = {
    "no body": ("POST", "/signup", ""),
    "not JSON": ("POST", "/signup", "{"),
    "not an object": ("POST", "/signup", "[]"),
    "no such address": ("POST", "/signup", '{"username": "a", "email": "nobody"}'),
    "a line end in a name": ("POST", "/signup", '{"username": "a\\n", "email": "a@example.org"}'),
    "an encoded word": (
        "POST", "/signup", '{"username": "a", "email": "=?utf-8?q?x?=@example.org"}',
    ),
    "an encoded word in a path": (
        "POST", "/send-notification/=%3Futf-8%3Fq%3Fx%3F=@example.org", "",
    ),
    "two recipients": ("POST", "/signup", '{"username": "a", "email": "a@b.org,c@d.org"}'),
    "a header in an address": (
        "POST", "/signup", '{"username": "a", "email": "a@b.org\\r\\nBcc: c@d.org"}',
    ),
    "an empty name": ("POST", "/login", '{"username": ""}'),
    "a name too long": ("POST", "/login", f'{{"username": "{"x" * 51}"}}'),
    "half a character": ("POST", "/login", '{"username": "\\ud800"}'),
    "half a character in a key": ("POST", "/login", '{"\\ud800": 1}'),
    "a NUL in a post": ("POST", "/posts", '{"title": "a\\u0000", "content": "b", "author": "c"}'),
    "a NUL in data": ("POST", "/process", '{"data": "\\u0000"}'),
    "not a number": ("POST", "/reports", '{"user_id": NaN}'),
    "an endless number": ("POST", "/reports", '{"user_id": 1e999}'),
    "a number too large": ("POST", "/reports", '{"user_id": 2147483648}'),
    "an unknown report": ("POST", "/reports", '{"user_id": 1, "report_type": "x"}'),
    "a service time too long": ("POST", "/calibration", '{"wait_us": 10000001}'),
    "a negative service time": ("POST", "/calibration", '{"spin_us": -1}'),
    "an item too large": ("GET", "/items/2147483648?user_id=1", ""),
    "no user": ("GET", "/items/1", ""),
    "an address in the path": ("POST", "/send-notification/nobody", ""),
    "a line end in the path": ("POST", "/send-notification/a@example.org%0Ax", ""),
    "no file": ("POST", "/uploads", ""),
}  # fmt: skip

BOUNDED = settings(max_examples=15, derandomize=True, deadline=None, database=None)


# Their work goes wrong, or takes ten seconds, whatever is asked for, and inline's client waits.
UNFIT = {"raises", "raises_twice", "long"}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("workload", sorted({*workloads.names()} - UNFIT))
@pytest.mark.parametrize("strategy", ["inline", "background_tasks"])
def test_every_answer_is_one_that_the_document_states(
    apis: Apis, strategy: str, workload: str, mode: GenerationMode
) -> None:
    """Generated requests, valid and invalid, are accepted or refused, and none is an error."""
    require_documented_answers(apis.of(strategy), workload, mode)


def require_documented_answers(api: Api, workload: str, mode: GenerationMode) -> None:
    """Send generated requests for a workload; fail for an answer that is not documented."""
    key = key_header(api.key)
    schema = schemathesis.openapi.from_url(f"{api.url}/openapi.json", headers=key)
    own = workloads.load(workload)
    operation = schema[own.path][own.example.method]

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case[Any]) -> None:
        if workload == "calibration" and isinstance(case.body, dict):
            _shorten(case.body)
        case.call_and_validate(checks=AS_DOCUMENTED, headers=key)

    check()


@pytest.mark.parametrize(("method", "path", "body"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("strategy", ["inline", "background_tasks", "celery_queue"])
def test_bad_input_is_refused(apis: Apis, strategy: str, method: str, path: str, body: str) -> None:
    """The answer is 422, and it says what is wrong."""
    answer = apis.of(strategy).ask(method, path, body, JSON_TYPE)
    assert answer.status == 422, answer.body
    assert answer.json["detail"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("job_id", ["7", "", "x" * 36, "00000000-0000-0000-0000-00000000000g"])
def test_a_malformed_job_id_is_refused_and_nothing_is_done(
    apis: Apis, services: Services, strategy: str, job_id: str
) -> None:
    """A job that cannot be followed is not accepted."""
    before = services.mail_file.read_text()
    headers = {**JSON_TYPE, JOB_ID_HEADER: job_id}
    body = '{"username": "a", "email": "a@example.org"}'
    answer = apis.of(strategy).ask("POST", "/signup", body, headers)
    assert answer.status == 422
    assert services.mail_file.read_text() == before


def files(services: Services) -> set[Path]:
    """Return all files but those that are written at any time, whatever the test does."""
    others = {"ledger", "postgres"}
    found = {path for path in services.folder.rglob("*") if not others & set(path.parts)}
    return {path for path in found if path.is_file()}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("filename", ["../../etc/passwd", "/etc/passwd", "..%2f..%2fx", "a\\..\\b"])
def test_a_name_that_climbs_opens_nothing(
    apis: Apis, services: Services, strategy: str, filename: str
) -> None:
    """The upload is kept below its folder, under a name of ours."""
    api, content = apis.of(strategy), f"{uuid4()},{filename}".encode()
    before = files(services)

    _, answer = api.upload(content, filename)
    assert answer.status == 202

    uploads = services.folder / "data" / "uploads"
    new = files(services) - before
    kept = [path for path in new if path.read_bytes() == content]
    assert [path.parent for path in kept] == [uploads]
    assert {path.parent for path in new} == {uploads}
    assert ".." not in kept[0].name


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_upload_may_be_as_large_as_the_limit_and_no_larger(
    apis: Apis, services: Services, strategy: str
) -> None:
    """One byte more is 413, and is not kept."""
    api = apis.of(strategy)
    line = b"0123456,89abcde\n"
    _, answer = api.upload(line * (LIMIT_BYTES // len(line)))
    assert answer.status == 202

    before = set((services.folder / "data" / "uploads").iterdir())
    _, answer = api.upload(line * (LIMIT_BYTES // len(line)) + b"x")
    assert answer.status == 413
    assert set((services.folder / "data" / "uploads").iterdir()) == before


def _shorten(body: dict[str, Any]) -> None:
    """Keep generated service times short, where they are valid at all."""
    for name, value in body.items():
        if isinstance(value, int | float) and 0 < value <= calibration.LONGEST_US:
            body[name] = int(value) % LONGEST_US
