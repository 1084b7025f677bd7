"""Is this machine fit to measure, and what would help."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from after202.hosts import machine as environment
from after202.kernel.errors import UsageError
from after202.measure.load.gates import SLIP_P99_MS
from after202.records.folder import LEAST_FREE_BYTES, RESULTS

WATCH_S = 10.0
STEP_S = 0.001
BUSY_LIMIT = 0.1
QUICK_REQUESTS, MANY_REJECTED = 16, 0.3
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
    seen = _watch(watch_s)
    yield _judged(
        "other load", seen.busy <= BUSY_LIMIT, f"{seen.busy:.0%} of the machine", "end it"
    )
    p50, p99, longest = (seen.gap_ms(percentile) for percentile in (50, 99, 100))
    figure = f"p50 {p50:.2f} ms, p99 {p99:.2f} ms, at most {longest:.1f} ms"
    late = "wakes up late; a machine of your own helps"
    yield _judged("scheduling gaps", seen.gap_ms(99) <= SLIP_P99_MS, figure, late)
    yield from _expectation(seen)


def _expectation(seen: "Watched") -> Iterator[str]:
    """Say what a run can be expected to give here."""
    rejected = 1 - (1 - seen.late_share()) ** QUICK_REQUESTS
    yield f"     expect some {rejected:.0%} of quick's trials to be rejected for a late generator"
    if rejected > MANY_REJECTED:
        yield "     few blocks will be left: wait for a quieter hour, or allow more repeats"
    else:
        yield "     p50 is known to some 5 to 10 % after quick, p99 is exploratory"


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


@dataclass(frozen=True)
class Watched:
    """The share of the machine that others use, and how late each sleep of 1 ms ended, in s."""

    busy: float
    gaps_s: tuple[float, ...]

    def gap_ms(self, percentile: float) -> float:
        """Return a percentile of the gaps, in ms."""
        return float(np.percentile(self.gaps_s, percentile)) * 1000

    def late_share(self) -> float:
        """Return the share of time in which a request would be sent too late for the gates."""
        late_s = [gap for gap in self.gaps_s if gap * 1000 > SLIP_P99_MS]
        return sum(late_s) / (sum(self.gaps_s) + STEP_S * len(self.gaps_s))


def _watch(watch_s: float) -> Watched:
    """Sleep for a millisecond again and again."""
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
