"""The door: who is let in, and which bodies, on every API alike."""

import select
import time

import pytest

from apps import health
from apps.door import LIMITS, Limits
from tests.apps.client import JSON_TYPE, STRATEGIES, Api, Apis
from tests.apps.raw import answer_to, chunk, connected, head, received, served
from tests.services import Services

KEY = "a-key-of-the-tests"
PATHS = ["/ping", "/health", "/openapi.json"]
WRONG = [
    {},
    {"Authorization": ""},
    {"Authorization": KEY},
    {"Authorization": f"Basic {KEY}"},
    {"Authorization": f"Bearer {KEY}x"},
    {"X-Authorization": f"Bearer {KEY}"},
]
PATIENCE_S = 0.2
SPIN = b'{"spin_us": 0}'


def guarded(apis: Apis, services: Services, strategy: str) -> Api:
    """Return a strategy's API that requires the key."""
    return apis.without_worker(strategy, services.wiring.model_copy(update={"api_key": KEY}))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_key_is_required_and_enough(
    apis: Apis, services: Services, strategy: str, path: str
) -> None:
    """Neither a measured endpoint nor one that only describes the API is open."""
    api = guarded(apis, services, strategy)
    assert api.ask("GET", path).status == 200
    for headers in WRONG:
        answer = Api(api.port).ask("GET", path, headers=headers)
        assert (answer.status, answer.json) == (401, {"detail": "Not authenticated"})
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_key_is_required_before_the_body_is_read(
    apis: Apis, services: Services, strategy: str
) -> None:
    """The answer comes though the body never does; with the key, the job is accepted."""
    api = guarded(apis, services, strategy)
    assert answer_to(api.port, head("Content-Length: 1000")).status == 401
    assert api.ask("POST", "/calibration", SPIN, JSON_TYPE).status == 202


def test_without_a_key_everybody_is_let_in() -> None:
    """Whoever starts an API by hand has to set nothing."""
    with served(Limits()) as api:
        assert api.ask("GET", "/ping").status == 200
        assert api.ask("GET", "/ping", headers=WRONG[-2]).status == 200


def test_the_health_check_shows_the_key(
    apis: Apis, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds it in its container's environment."""
    api = guarded(apis, services, "inline")
    monkeypatch.setenv("AFTER202_API_KEY", KEY)
    assert health._ask(api.port, "GET", "/ping") == {"status": "ok"}
    monkeypatch.delenv("AFTER202_API_KEY")
    with pytest.raises(ConnectionError, match="401"):
        health._ask(api.port, "GET", "/ping")


@pytest.mark.parametrize("path", ["/calibration", "/uploads", "/empty"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_body_that_its_head_says_is_too_large_is_refused_before_it_is_read(
    apis: Apis, strategy: str, path: str
) -> None:
    """Not one byte of it is sent, and the connection is closed."""
    api = apis.of(strategy)
    length = f"Content-Length: {LIMITS.body_bytes + 1}"
    answer = answer_to(api.port, head(length, path=path, key=api.key), closed=True)
    assert answer.status == 413
    assert answer.json == {"detail": f"The body is larger than {LIMITS.body_bytes} bytes."}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_body_in_chunks_is_refused_as_soon_as_it_is_too_large(apis: Apis, strategy: str) -> None:
    """Its end is never sent, and the connection is closed."""
    api = apis.of(strategy)
    most = chunk(b" " * LIMITS.body_bytes)
    request = head("Transfer-Encoding: chunked", key=api.key) + most + b"1\r\n "
    assert answer_to(api.port, request, closed=True).status == 413


def test_a_body_in_chunks_may_be_as_large_as_the_limit() -> None:
    """One byte less than too large is read to its end."""
    with served(Limits(body_bytes=len(SPIN))) as api:
        chunks = chunk(SPIN[:5]) + chunk(SPIN[5:]) + chunk(b"")
        assert answer_to(api.port, head("Transfer-Encoding: chunked") + chunks).status == 202
        assert api.ask("POST", "/calibration", SPIN, JSON_TYPE).status == 202
        assert api.ask("POST", "/calibration", SPIN + b" ", JSON_TYPE).status == 413


@pytest.mark.parametrize("path", ["/calibration", "/uploads", "/empty"])
@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_end_is_given_up(framing: str, path: str) -> None:
    """The answer is 408, and the connection is closed."""
    with served(Limits(body_s=PATIENCE_S)) as api:
        answer = answer_to(api.port, head(framing, path=path) + b"1\r\n", closed=True)
    assert answer.status == 408
    assert answer.json == {"detail": f"The body was not whole after {PATIENCE_S:g} s."}


def test_a_body_that_trickles_gets_no_more_time() -> None:
    """The limit is on the whole body, not on the time between two of its parts."""
    with served(Limits(body_s=PATIENCE_S)) as api, connected(api.port) as connection:
        connection.sendall(head(f"Content-Length: {len(SPIN)}"))
        for byte in SPIN:
            if select.select([connection], [], [], PATIENCE_S * 0.6)[0]:
                break
            connection.sendall(bytes([byte]))
        assert received(connection, closed=True).status == 408


def test_a_body_that_takes_its_time_is_let_in() -> None:
    """As long as it is whole in time."""
    with served(Limits()) as api, connected(api.port) as connection:
        connection.sendall(head(f"Content-Length: {len(SPIN)}") + SPIN[:5])
        time.sleep(PATIENCE_S / 4)
        connection.sendall(SPIN[5:])
        assert received(connection).status == 202


def test_work_may_take_longer_than_a_body() -> None:
    """Inline's clients wait for it."""
    with served(Limits(body_s=PATIENCE_S), work_s=PATIENCE_S * 1.5) as api:
        assert api.ask("POST", "/calibration", SPIN, JSON_TYPE).status == 202
