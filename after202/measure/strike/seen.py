"""What is seen of a part or a process that was struck: nothing is proven that was not."""

import time
from collections.abc import Sequence

import psutil

from after202.hosts.part import Part

POLL_S, DEATH_S = 0.02, 5.0


def listed(pids: Sequence[int]) -> str:
    """Return processes as a mark names them."""
    return f"{len(pids)} processes: {', '.join(map(str, pids))}"


def ends(part: Part) -> bool:
    """Return whether a part is seen to end in time."""
    deadline_s = time.monotonic() + DEATH_S
    while part.exit_code is None and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    return part.exit_code is not None


def dies(process: psutil.Process) -> bool:
    """Return whether a killed process is seen to end in time."""
    gone, _ = psutil.wait_procs([process], DEATH_S)
    return bool(gone) or process.status() == psutil.STATUS_ZOMBIE
