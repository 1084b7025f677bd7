"""The password of the stack in containers: made once, and never changed under its servers."""

from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.stacks.compose import secret
from after202.stacks.compose.secret import provide

OWN = "my-own_password-1"


def read(folder: Path) -> tuple[str, str]:
    """Return the contents of the two files."""
    return (folder / "password").read_text(), (folder / "redis.conf").read_text()


def test_a_password_is_random(tmp_path: Path) -> None:
    """Two stacks have two passwords, which need no escaping."""
    passwords = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        provide(tmp_path / name, "")
        password, conf = read(tmp_path / name)
        assert secret.ACCEPTED.fullmatch(password.strip())
        assert conf == f"requirepass {password}"
        passwords.append(password)
    assert passwords[0] != passwords[1]


def test_a_password_stays_what_it_is(tmp_path: Path) -> None:
    """PostgreSQL has stored it, and the servers run with it."""
    provide(tmp_path, "")
    first = read(tmp_path)
    provide(tmp_path, "")
    provide(tmp_path, first[0].strip())
    assert read(tmp_path) == first
    with pytest.raises(UsageError, match="the stack has another password"):
        provide(tmp_path, OWN)
    assert read(tmp_path) == first


def test_the_users_own_password_is_taken(tmp_path: Path) -> None:
    """From AFTER202_PASSWORD, at the first start."""
    provide(tmp_path, OWN)
    assert read(tmp_path) == (f"{OWN}\n", f"requirepass {OWN}\n")


def test_every_container_can_read_the_files_and_none_can_change_them(tmp_path: Path) -> None:
    """Each image has another user."""
    provide(tmp_path, "")
    files = list(tmp_path.iterdir())
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}


@pytest.mark.parametrize("wanted", ["short", "sixteen letters!", f"{OWN}\nnopass", "x@y" * 9])
def test_a_password_that_cannot_be_used_is_refused(tmp_path: Path, wanted: str) -> None:
    """It would end up in URLs and in a server's configuration."""
    with pytest.raises(UsageError, match="AFTER202_PASSWORD must be 16 or more letters"):
        provide(tmp_path, wanted)
    assert list(tmp_path.iterdir()) == []
