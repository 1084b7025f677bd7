"""What is no file is refused before it is opened: reading a pipe would wait for ever."""

from collections.abc import Callable
from pathlib import Path

import pytest

from after202.analyse.jobs import ledgers
from after202.kernel.errors import UsageError
from after202.records import files, requests
from after202.records.trial_record import Load

READERS: dict[str, Callable[[Path], object]] = {
    "checksum": files.checksum,
    "record": lambda path: files.read_json(path, Load),
    "requests": lambda path: requests.read(path.parent),
    "batches of requests": lambda path: list(requests.read_batches(path.parent)),
    "ledger": lambda path: list(ledgers.parts(path)),
}


@pytest.mark.parametrize("name", READERS)
def test_a_device_is_no_file(name: str, tmp_path: Path) -> None:
    """A link to one, as a run that somebody else sent may have."""
    path = tmp_path / "requests-0.parquet"
    path.symlink_to("/dev/null")  # ends at once, unlike a pipe: without the rule, this fails
    with pytest.raises(UsageError, match="it is not a file"):
        READERS[name](path)
