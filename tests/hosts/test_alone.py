"""One measurement at a time on a machine, and one process in a run's folder."""

from pathlib import Path

import pytest

from after202.hosts.alone import VARIABLE, alone_in, alone_on_this_machine
from after202.kernel.errors import UsageError


@pytest.fixture(autouse=True)
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a lock of the test's own."""
    path = tmp_path / "lock"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def test_a_second_measurement_is_refused_while_the_first_goes_on(lock: Path) -> None:
    """The line names the lock and the way to queue; afterwards the machine is free again."""
    with (
        alone_on_this_machine(wait=False),
        pytest.raises(UsageError, match=rf"{lock}.*--wait"),
        alone_on_this_machine(wait=False),
    ):
        pass
    with alone_on_this_machine(wait=False):
        pass


def test_a_lock_that_another_user_made_is_taken(lock: Path) -> None:
    """It can be read, which is enough."""
    lock.touch(mode=0o444)
    with alone_on_this_machine(wait=False):
        pass


def test_a_lock_that_cannot_be_opened_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which, and why."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere" / "lock"))
    with pytest.raises(UsageError, match="cannot be opened"), alone_on_this_machine(wait=False):
        pass


def test_a_runs_folder_holds_one_process(tmp_path: Path) -> None:
    """Two that resume one run would write into each other's trials."""
    with (
        alone_in(tmp_path),
        pytest.raises(UsageError, match="by another process"),
        alone_in(tmp_path),
    ):
        pass
    with alone_in(tmp_path):
        pass
