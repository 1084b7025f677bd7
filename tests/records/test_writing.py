"""What a disk refuses is said in one line, and nothing else is taken for it."""

import errno
from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.records import folder as records
from after202.records.files import writing
from after202.records.folder import RunFolder


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """The kernel's own full device, and a disk with too little left."""
    with pytest.raises(UsageError, match="the disk is full"), writing(tmp_path):
        Path("/dev/full").write_text("x")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (PermissionError(errno.EACCES, "denied"), "permission denied: change the owner"),
        (OSError(errno.EDQUOT, "over"), "the quota is used up"),
        (FileNotFoundError(errno.ENOENT, "gone"), "gone"),
    ],
)
def test_what_is_refused_is_said_with_what_to_do(
    tmp_path: Path, error: OSError, advice: str
) -> None:
    """The folder is named, and the system's own words where there is no advice."""
    said = f"{tmp_path} cannot be written: .*{advice}"
    with pytest.raises(UsageError, match=said), writing(tmp_path):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError("timed out"),
        TimeoutError(errno.ETIMEDOUT, "timed out"),
        ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
        ConnectionResetError(errno.ECONNRESET, "reset"),
    ],
)
def test_what_is_not_about_writing_passes_through(tmp_path: Path, error: OSError) -> None:
    """A server that does not answer has nothing to do with the disk."""
    with pytest.raises(type(error)) as raised, writing(tmp_path):
        raise error
    assert raised.value is error


def test_a_disk_with_too_little_left_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a trial begins, there must be room for it."""
    RunFolder(tmp_path).require_space()
    monkeypatch.setattr(records, "LEAST_FREE_BYTES", 2**60)
    with pytest.raises(UsageError, match=f"--resume {tmp_path.name}"):
        RunFolder(tmp_path).require_space()
