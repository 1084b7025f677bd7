"""Checks whether this machine is fit to measure, and what would help."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from after202.hosts import cpus, machine
from after202.kernel import paths
from after202.kernel.errors import UsageError
from after202.measure.load.gates import P99_MS
from after202.records.folder import LEAST_FREE_BYTES

WATCH_S = 10.0
STEP_S = 0.001
BUSY_LIMIT = 0.1
QUICK_REQUESTS, MANY_REJECTED = 16, 0.3
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def examine(watch_s: float = WATCH_S) -> Iterator[str]:
    """Yield one line per finding; takes `watch_s` seconds."""
    here = machine.machine()
    yield f"{here['processor']}, {here['cores']} cores, Python {here['python']}"
    try:
        sets = cpus.share_out(cpus.available_cpus())
        yield f"ok   cores: {sets.under_test} under test, {sets.generator} for the load"
    except UsageError as error:
        yield f"BAD  cores: {error}"
    yield _disk()
    yield _governor()
    seen = _watch(watch_s)
    yield _judged(
        "other load", seen.busy <= BUSY_LIMIT, f"{seen.busy:.0%} of the machine", "stop it"
    )
    p50, p99, longest = (seen.gap_ms(percentile) for percentile in (50, 99, 100))
    figure = f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, at most {longest:.1f} ms"
    late = "this machine wakes up late; a dedicated one helps"
    yield _judged("scheduling gaps", seen.gap_ms(99) <= P99_MS, figure, late)
    yield from _expectation(seen)


def _expectation(seen: "Watched") -> Iterator[str]:
    """Yield what to expect of a run on this machine."""
    rejected = 1 - (1 - seen.late_share()) ** QUICK_REQUESTS
    yield f"     expect about {rejected:.0%} of quick's trials to be rejected for a late generator"
    if rejected > MANY_REJECTED:
        yield "     few valid blocks will be left: wait for a quieter time, or allow more repeats"
    else:
        yield "     quick will give p50 to within about 5 to 10 %; p99 is exploratory"


def _judged(what: str, good: bool, figure: str, advice: str) -> str:  # noqa: FBT001 - a verdict
    return f"ok   {what}: {figure}" if good else f"BAD  {what}: {figure}; {advice}"


def _disk() -> str:
    free = shutil.disk_usage(paths.results().parent).free
    return _judged("disk", free > 10 * LEAST_FREE_BYTES, f"{free >> 30} GiB free", "free some")


def _governor() -> str:
    if not GOVERNOR.exists():
        return "     governor: this system does not report one"
    name = GOVERNOR.read_text().strip()
    return _judged("governor", name == "performance", name, "set it to performance")


@dataclass(frozen=True)
class Watched:
    """The share of the machine that others use, and how late each 1 ms sleep ended, in seconds."""

    busy: float
    gaps_s: tuple[float, ...]

    def gap_ms(self, percentile: float) -> float:
        """Return a percentile of the gaps, in ms."""
        return float(np.percentile(self.gaps_s, percentile)) * 1000

    def late_share(self) -> float:
        """Return the share of time in which the generator would be too late for the gates."""
        late_s = [gap for gap in self.gaps_s if gap * 1000 > P99_MS]
        return sum(late_s) / (sum(self.gaps_s) + STEP_S * len(self.gaps_s))


def _watch(watch_s: float) -> Watched:
    """Sleep for a millisecond repeatedly, and return how late each sleep ended."""
    psutil.cpu_percent()
    own_s = time.process_time()
    start_s = last_s = time.monotonic()
    gaps_s = []
    while last_s - start_s < watch_s:
        time.sleep(STEP_S)
        now_s = time.monotonic()
        gaps_s.append(max(now_s - last_s - STEP_S, 0.0))
        last_s = now_s
    own = (time.process_time() - own_s) / watch_s / (psutil.cpu_count() or 1)
    return Watched(max(psutil.cpu_percent() / 100 - own, 0.0), tuple(gaps_s))
