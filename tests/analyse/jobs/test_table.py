"""The table of all jobs replaces what is in its place."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from after202.analyse.jobs.table import writer


def a_pipe(path: Path) -> None:
    """Put a pipe there."""
    os.mkfifo(path)


def a_link(path: Path) -> None:
    """Put a link to somebody's file there."""
    path.symlink_to(path.with_name("theirs"))


@pytest.mark.parametrize("put", [a_pipe, a_link])
def test_what_is_in_its_place_is_replaced(tmp_path: Path, put: Callable[[Path], None]) -> None:
    """Opening a pipe would wait for ever, and a link would have its target overwritten."""
    theirs, path = tmp_path / "theirs", tmp_path / "jobs.parquet"
    theirs.write_text("theirs")
    put(path)
    with writer(path):
        pass
    assert stat.S_ISREG(path.lstat().st_mode)
    assert pq.read_table(path).num_rows == 0
    assert theirs.read_text() == "theirs"
