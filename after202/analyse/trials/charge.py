"""What the trials of an arm used, by role and by service."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from after202.analyse.statistics.hodges_lehmann import Estimate, estimate
from after202.analyse.trials.comparison import ComparisonSummary

TOTAL = "total"


@dataclass(frozen=True)
class Charge:
    """What a role or a service used, over some trials; memory by RSS if that was sampled."""

    cpu_s_per_1000_jobs: Estimate
    peak_memory_bytes: int
    peak_rss_bytes: int | None


def charge(trials: Sequence[ComparisonSummary], role: str) -> Charge:
    """Return what a role or a service used, or all roles in total.

    CPU time is infinite where no job was done.
    """
    cpu, memory, rss = [], [], []
    for trial in trials:
        names = list(trial.record.usage) if role == TOTAL else [role]
        used = [trial.usage[name] for name in names]
        cpu.append(trial.cpu_s_per_1000_jobs(names))
        memory.append(sum(one.peak_memory_bytes for one in used))
        if all(one.peak_rss_bytes for one in used):
            rss.append(sum(one.peak_rss_bytes or 0 for one in used))
    return Charge(estimate(cpu), int(np.median(memory)), int(np.median(rss)) if rss else None)
