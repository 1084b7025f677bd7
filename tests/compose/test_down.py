"""The stack in containers, put away. The other tests of this folder need it, so they run before."""

import subprocess

import pytest

from tests.compose.conftest import docker
from tests.project import ROOT

pytestmark = pytest.mark.compose


@pytest.mark.usefixtures("engine")
def test_down_leaves_nothing() -> None:
    """No container, no volume, no network."""
    subprocess.run(["make", "down"], cwd=ROOT, capture_output=True, check=True)
    ours = "label=com.docker.compose.project=after202"
    assert docker("ps", "--all", "--quiet", "--filter", ours) == ""
    assert docker("volume", "ls", "--quiet", "--filter", ours) == ""
    assert docker("network", "ls", "--quiet", "--filter", ours) == ""
