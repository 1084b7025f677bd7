"""Is this machine fit to measure, and what would help."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.errors import UsageError
from bench.measure import environment
from bench.measure.results import LEAST_FREE_BYTES, RESULTS

WATCH_S = 10.0
STEP_S = 0.001
GAP_LIMIT_MS = 5.0
BUSY_LIMIT = 0.1
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def examine(watch_s: float = WATCH_S) -> Iterator[str]:
    """Yield a line per finding; takes `watch_s` seconds."""
    machine = environment.machine()
    yield f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}"
    try:
        sets = environment.share_out(environment.available_cpus())
        yield f"ok   cores: {sets.under_test} under test, {sets.generator} for the load"
    except UsageError as error:
        yield f"BAD  cores: {error}"
    yield _disk()
    yield _governor()
    busy, gap_ms = _watch(watch_s)
    yield _judged("other load", busy <= BUSY_LIMIT, f"{busy:.0%} of the machine", "end it")
    late = "expect wide intervals at p99; a machine of your own helps"
    yield _judged("scheduling gap", gap_ms <= GAP_LIMIT_MS, f"{gap_ms:.1f} ms at the most", late)


def _judged(what: str, good: bool, figure: str, advice: str) -> str:  # noqa: FBT001 - a verdict
    return f"ok   {what}: {figure}" if good else f"BAD  {what}: {figure}; {advice}"


def _disk() -> str:
    free = shutil.disk_usage(RESULTS.parent).free
    return _judged("disk", free > 10 * LEAST_FREE_BYTES, f"{free >> 30} GiB free", "free some")


def _governor() -> str:
    if not GOVERNOR.exists():
        return "     governor: this system does not say"
    name = GOVERNOR.read_text().strip()
    return _judged("governor", name == "performance", name, "set it to performance")


def _watch(watch_s: float) -> tuple[float, float]:
    """Return the share of the machine that others use, and the longest oversleep in ms."""
    psutil.cpu_percent()
    own_s = time.process_time()
    start_s = last_s = time.monotonic()
    longest_s = 0.0
    while last_s - start_s < watch_s:
        time.sleep(STEP_S)
        now_s = time.monotonic()
        longest_s = max(longest_s, now_s - last_s - STEP_S)
        last_s = now_s
    own = (time.process_time() - own_s) / watch_s / (psutil.cpu_count() or 1)
    return max(psutil.cpu_percent() / 100 - own, 0.0), longest_s * 1000
