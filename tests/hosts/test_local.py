"""Children say so when they die, stay on their processors and go when they are told."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.kernel.errors import TrialError

pytestmark = pytest.mark.processes

FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""

# A parent whose child leaves a child of its own to nobody.
ORPHANING = """
import subprocess, sys, time
LEAVE = "import subprocess as s; print(s.Popen(['sleep', '60'], stdout=-3, stderr=-3).pid)"
left = subprocess.run([sys.executable, "-c", LEAVE], check=True, capture_output=True, text=True)
print("orphan", left.stdout, flush=True)
time.sleep(60)
"""

# It leaves a child and ends.
ENDING = """
import subprocess
print("orphan", subprocess.Popen(["sleep", "60"], stdout=-3, stderr=-3).pid, flush=True)
"""


def launch(tmp_path: Path, code: str, cpus: tuple[int, ...] = ()) -> Launch:
    """Return how to start a Python child."""
    return Launch("child", [sys.executable, "-c", code], tmp_path / "child.log", cpus=cpus)


def test_a_child_that_dies_says_so_at_once_with_its_last_lines(tmp_path: Path) -> None:
    """Waiting for a dead child ends with its exit code and the tail of its log."""
    child = Child(launch(tmp_path, "import sys; print('one'); sys.exit('the reason')"))
    start_s = time.monotonic()
    with pytest.raises(TrialError, match=r"child ended with code 1: .*the reason"):
        until("nothing", lambda: False, 30, [child])
    assert time.monotonic() - start_s < 20


def test_what_does_not_happen_in_time_is_an_error(tmp_path: Path) -> None:
    """A child that lives but is never ready is named."""
    child = Child(launch(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(TrialError, match="the child answering did not happen"):
        until("the child answering", lambda: False, 0.1, [child])
    child.kill()


def test_a_child_runs_on_its_processors_in_a_session_of_its_own(tmp_path: Path) -> None:
    """Pinning holds for the child and not for its parent."""
    before = os.sched_getaffinity(0)
    child = Child(launch(tmp_path, "import time; time.sleep(60)", (max(before),)))
    assert psutil.Process(child.pid).cpu_affinity() == [max(before)]
    assert os.getsid(child.pid) == child.pid
    assert os.sched_getaffinity(0) == before
    child.kill()


@pytest.mark.parametrize("end", [Child.kill, lambda child: child.stop(1)])
def test_descendants_end_with_their_ancestor(tmp_path: Path, end: object) -> None:
    """Nothing of a tree is left."""
    child = Child(launch(tmp_path, FAMILY))
    until("the family", lambda: "ready" in child.tail(), 30, [child])
    tree = child.tree()
    assert len(tree) == 2
    assert callable(end)
    end(child)
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in tree)


@pytest.mark.parametrize("end", [Child.kill, lambda child: child.stop(0.5)])
def test_who_is_born_while_the_family_is_ended_ends_too(tmp_path: Path, end: object) -> None:
    """One that forks at the last moment leaves an orphan that is nobody's descendant."""
    child = Child(launch(tmp_path, ORPHANING))
    until("the orphan", lambda: "orphan" in child.tail(), 30, [child])
    orphan = psutil.Process(int(child.tail().split()[-1]))
    assert orphan not in child.tree()
    assert callable(end)
    end(child)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_who_is_left_by_a_child_that_has_ended_ends_too(tmp_path: Path) -> None:
    """A process pool outlives its API, and keeps the API's port."""
    child = Child(launch(tmp_path, ENDING))
    child.wait(30)
    orphan = psutil.Process(int(child.tail().split()[-1]))
    assert orphan.is_running()
    child.kill()
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
