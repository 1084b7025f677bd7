"""The tests that start no process are marked `fast`, and one that starts one after all fails."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

# Whoever asks for one of these starts a process.
STARTS_PROCESSES = {"bench", "broker", "engine", "own_server", "project", "services", "up"}
FAST, PROCESSES = "fast", "processes"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts no process."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if not asked & STARTS_PROCESSES and item.get_closest_marker(PROCESSES) is None:
            item.add_marker(FAST)


@pytest.fixture(autouse=True)
def _guarded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have whatever a test starts ended with the tests; let a fast test start nothing."""
    if request.node.get_closest_marker(FAST) is None:
        request.getfixturevalue("scratch")
        yield
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(subprocess.Popen, "__init__", _refuse)
        patched.setattr(os, "fork", _refuse)
        yield


def _refuse(*_: Any, **__: Any) -> NoReturn:
    """Fail: the test is not marked as one that starts processes."""
    pytest.fail("a fast test started a process: mark it with pytest.mark.processes", pytrace=False)
