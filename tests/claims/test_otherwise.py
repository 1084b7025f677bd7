"""An experiment sees a server that behaves otherwise: the verdict turns."""

import importlib
import pkgutil
from pathlib import Path

import pytest

from after202.claims import session
from after202.hosts import cpus
from after202.hosts.guard import guarded_scratch
from loadtests import claims
from loadtests.claims import Seen
from tests.claims import otherwise

pytestmark = pytest.mark.processes
FILES = [one.name for one in pkgutil.iter_modules(otherwise.__path__)]


@pytest.mark.parametrize("name", FILES)
def test_the_verdict_turns_with_the_server(name: str, tmp_path: Path) -> None:
    """The claim's own app leads to the usual verdict, and the other app to another."""
    (listed,) = [one for one in claims.listed() if one.name == name]
    claim, module = claims.load(name), importlib.import_module(f"{otherwise.__name__}.{name}")
    task = session.Task(listed, claim)
    sets = cpus.anywhere(cpus.share_out(cpus.available_cpus()))
    with guarded_scratch():
        own = session.evidence(task, tmp_path / "own", sets)
        other = session.evidence(task, tmp_path / "other", sets, module=module.__name__)
    assert claim.judge(Seen(own)).word == module.USUALLY
    assert claim.judge(Seen(other)).word != module.USUALLY
