"""What the guard hands on to children, and takes away after them."""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from after202.hosts.guard import guarded
from after202.hosts.local import Child
from after202.hosts.part import Launch

pytestmark = pytest.mark.processes

LEAVE_BEHIND = "import tempfile; print(tempfile.mkdtemp(prefix='left-'))"
GONE_S = 30.0


def test_what_a_child_leaves_in_the_temporary_folder_goes_with_the_scratch_folder(
    tmp_path: Path,
) -> None:
    """As a killed worker does; and the harness itself is not told another folder than before."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = os.environ.get("TMPDIR")
    with guarded(uuid4().hex, scratch):
        command = [sys.executable, "-c", LEAVE_BEHIND]
        child = Child(Launch("child", command, tmp_path / "child.log"))
        assert child.wait(GONE_S) == 0
        left = Path(child.log_text().strip())
        assert left.is_dir()
        assert left.parent == scratch
    assert os.environ.get("TMPDIR") == before
    deadline_s = time.monotonic() + GONE_S
    while scratch.exists() and time.monotonic() < deadline_s:
        time.sleep(0.1)
    assert not left.exists()
