"""A profile that cannot be opened, and names that are checked against the catalogue."""

from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.plan import reading
from after202.records.parts import FaultMatrix
from after202.records.profile import Profile
from tests.plan.catalogue import CATALOGUE


def test_a_profile_whose_name_is_too_long_is_refused() -> None:
    """The file system says so, and we say which file."""
    with pytest.raises(UsageError, match="cannot be read: File name too long"):
        reading.read("x" * 300)


def test_a_profile_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is made here."""

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "denied")

    path = tmp_path / "mine.toml"
    path.touch()
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(UsageError, match="permission denied"):
        reading.read(str(path))


def test_a_durability_must_exist_even_where_no_strategy_has_a_broker() -> None:
    """A misspelt name would otherwise be found when a queue is added."""
    matrix = FaultMatrix(
        faults=("A3",), durabilities=("nonsense",), rate_per_s=5, episodes=1, window_s=2
    )
    profile = Profile(description="x", baseline="inline", strategies=("inline",), matrix=(matrix,))
    with pytest.raises(UsageError, match="unknown durability 'nonsense'"):
        reading.require_known(profile, CATALOGUE)
