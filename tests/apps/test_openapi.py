"""The documents of the APIs: a client cannot tell the strategies apart by them."""

import pytest

from after202.kernel.model import DOCUMENTED, Setting
from tests.apps.client import QUEUES, STRATEGIES, Apis
from tests.services import SLOTS


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
    assert (str(SLOTS) in [setting.value for setting in settings]) == (strategy in QUEUES)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_ping_answers_and_does_no_work(apis: Apis, strategy: str) -> None:
    """The bystander of the measurements."""
    answer = apis.of(strategy).ask("GET", "/ping")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
