"""What every test may ask for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings

from after202.hosts import private
from after202.hosts.guard import guarded
from after202.hosts.local import NOBODY

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
        if os.geteuid() == 0:
            private.let_through(folder, NOBODY)  # as whom PostgreSQL runs, in folders inside
        with guarded(uuid4().hex, folder):
            yield folder
