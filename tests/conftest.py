"""What every test may ask for."""

import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings

from after202.hosts.guard import guarded

pytest_plugins = ["tests.fast", "tests.project", "tests.services"]

# How long an example takes says something of the machine alone.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# A shell has its background jobs ignore Ctrl-C, and children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """Give a folder which goes when the tests do, however they end, with all that they started."""
    with TemporaryDirectory(prefix="after202-tests-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # root starts PostgreSQL as nobody
        with guarded(uuid4().hex, folder):
            yield folder
