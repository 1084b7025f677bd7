"""Stored files: they stay only if what follows succeeds."""

import asyncio
from pathlib import Path

import pytest

from workers.services import files


def test_a_stored_file_is_there_within_the_block_and_stays_after_it(tmp_path: Path) -> None:
    """A worker may read it before the block ends."""

    async def store() -> None:
        async with files.stored(tmp_path / "file", b"content"):
            assert (tmp_path / "file").read_bytes() == b"content"

    asyncio.run(store())
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_a_stored_file_goes_if_the_block_raises(tmp_path: Path, error: type[BaseException]) -> None:
    """A request may also end by being cancelled."""

    async def store() -> None:
        async with files.stored(tmp_path / "file", b"content"):
            raise error

    with pytest.raises(error):
        asyncio.run(store())
    assert list(tmp_path.iterdir()) == []
