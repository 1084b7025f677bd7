"""What the harness makes of an API that does not answer."""

from uuid import uuid4

import pytest

from after202.hosts.ports import HOST, free_port
from after202.kernel.errors import TrialError
from after202.kernel.model import Example, Offer
from after202.stacks import api
from after202.stacks.api import Api
from tests.stacks.silent import silent_api

OFFER = Offer(steps=("a",), ordered=False, example=Example(method="POST", path="/login"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a moment only."""
    monkeypatch.setattr(api, "TIMEOUT_S", 0.2)


def test_an_api_that_does_not_answer_in_time_is_a_reason_against_the_trial() -> None:
    """Whatever it is asked: the request is named."""
    with silent_api() as silent:
        assert not silent.is_up()
        with pytest.raises(TrialError, match=r"POST .*/login had no answer: TimeoutError"):
            silent.submit(OFFER, uuid4())
        with pytest.raises(TrialError, match=r"GET .*/openapi\.json had no answer"):
            silent.offer("login")
        with pytest.raises(TrialError, match=r"GET .*/health had no answer"):
            silent.variant()


def test_an_api_that_is_not_there_is_a_reason_against_the_trial() -> None:
    """Nobody listens."""
    absent = Api(HOST, free_port())
    assert not absent.is_up()
    with pytest.raises(TrialError, match="had no answer: ConnectionRefusedError"):
        absent.submit(OFFER, uuid4())
