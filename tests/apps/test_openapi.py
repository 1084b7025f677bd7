"""The documents of the APIs: a client cannot tell the strategies apart by them."""

import pytest

from after202.kernel.model import DOCUMENTED, Setting
from apps.door import LIMITS
from tests.apps.client import QUEUES, STRATEGIES, Apis
from tests.services import SLOTS
from workers import workloads

DOOR = {"401", "408", "413"}
# What FastAPI answers to a body that it cannot read.
UNREADABLE = {"400"}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_serves_the_same_document(apis: Apis, strategy: str) -> None:
    """Byte for byte."""
    reference = apis.of("inline").ask("GET", "/openapi.json")
    answer = apis.of(strategy).ask("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.body == reference.body


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_health_says_how_an_api_and_its_worker_are_set(apis: Apis, strategy: str) -> None:
    """The report prints these; each has its reason and its source."""
    answer = apis.of(strategy).ask("GET", "/health")
    assert answer.status == 200
    health = answer.json
    assert (health["status"], health["variant"], health["slots"]) == ("ok", DOCUMENTED, SLOTS)
    settings = [Setting.model_validate(setting) for setting in health["settings"]]
    assert all(setting.why and setting.source for setting in settings)
    # A pool in the API has slots as well
    assert str(SLOTS) in [setting.value for setting in settings] or strategy not in QUEUES


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_health_states_the_limits_of_bodies(apis: Apis, strategy: str) -> None:
    """They differ from the defaults, so the report prints them."""
    settings = apis.of(strategy).ask("GET", "/health").json["settings"]
    stated = {setting["name"]: setting["value"] for setting in settings}
    assert stated["request body limit"] == f"{LIMITS.body_bytes} bytes"
    assert stated["request body time-out"] == f"{LIMITS.body_s:g} s"


def test_the_document_states_every_status_of_a_job(apis: Apis) -> None:
    """A client knows all that it must handle; only a body that is read can be unreadable."""
    paths = apis.of("inline").ask("GET", "/openapi.json").json["paths"]
    for workload in workloads.load_all().values():
        example = workload.example
        operation = paths[workload.path][example.method.lower()]
        unreadable = UNREADABLE if "requestBody" in operation else set()
        assert set(operation["responses"]) == {"202", "422"} | DOOR | unreadable


@pytest.mark.parametrize("path", ["/ping", "/health"])
def test_the_document_states_every_status_of_what_is_no_job(apis: Apis, path: str) -> None:
    """The door stands before these too."""
    paths = apis.of("inline").ask("GET", "/openapi.json").json["paths"]
    assert set(paths[path]["get"]["responses"]) == {"200"} | DOOR


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ping_answers_and_does_no_work(apis: Apis, strategy: str) -> None:
    """The bystander of the measurements."""
    answer = apis.of(strategy).ask("GET", "/ping")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
