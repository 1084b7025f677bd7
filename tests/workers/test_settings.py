"""Where the processes under test take their passwords from."""

from pathlib import Path

import pytest

from after202.kernel.model import ENVIRONMENT_PREFIX, Wiring
from workers.settings import Settings, with_password

URLS = {
    "broker_url": "redis://broker:6379/0",
    "cache_url": "redis://cache:6379/0",
    "database_url": "postgresql://after202@postgres:5432/trial_1",
}


def told(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    """Return the settings of a process with these variables."""
    for name, value in values.items():
        monkeypatch.setenv(ENVIRONMENT_PREFIX + name.upper(), value)
    return Settings().completed()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Give a file with a password, as the stack in containers has one."""
    path = tmp_path / "password"
    path.write_text("s3cret\n")
    return str(path)


def test_the_files_password_is_added_to_every_url(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """The containers' environment, which the engine shows, has none."""
    found = told(monkeypatch, password_file=file, **URLS)
    assert found.broker_url == "redis://:s3cret@broker:6379/0"
    assert found.cache_url == "redis://:s3cret@cache:6379/0"
    assert found.database_url == "postgresql://after202:s3cret@postgres:5432/trial_1"
    assert found.smtp_password == "s3cret"  # noqa: S105 - not a real one


def test_a_password_that_is_there_already_is_kept(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """Neither replaced nor doubled."""
    own = {
        "broker_url": "redis://:own@broker:6379/0",
        "cache_url": "redis://user:own@cache:6379/0",
        "database_url": "postgresql://after202:own@postgres:5432/trial_1",
    }
    found = told(monkeypatch, password_file=file, smtp_password="own", **own)  # noqa: S106
    assert {name: getattr(found, name) for name in own} == own
    assert found.smtp_password == "own"  # noqa: S105 - not a real one
    assert found.completed() == found


def test_without_a_file_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded stack passes its passwords in the environment."""
    found = told(monkeypatch, **URLS)
    assert {name: getattr(found, name) for name in URLS} == URLS
    assert found.smtp_password == Wiring().smtp_password


def test_a_strategy_without_a_broker_still_has_none() -> None:
    """What is no server's address gets no password."""
    assert with_password("none://", "s3cret") == "none://"


def test_a_password_is_escaped() -> None:
    """A file may have been written by anyone."""
    url = with_password("redis://cache:6379/0", "a/b@c")
    assert url == "redis://:a%2Fb%40c@cache:6379/0"


def test_a_file_that_is_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rather than servers that refuse, without a reason."""
    with pytest.raises(FileNotFoundError, match="absent"):
        told(monkeypatch, password_file=str(tmp_path / "absent"))
