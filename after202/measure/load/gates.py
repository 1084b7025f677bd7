"""The gates of a valid trial: whether the generator did all that it was to do, and on time."""

from pathlib import Path

import numpy as np

from after202.records import requests
from after202.records.trial_record import Load

P50_MS, P99_MS = 0.5, 5.0
MEDIAN, TAIL = 50, 99
OTHERS_SHARE = 0.1


def slip_ms(folder: Path, load: Load) -> dict[str, float]:
    """Return the p50 and the p99 of the slip of the window's job requests, in ms; empty if none."""
    slip_us = requests.slip_us(folder, load)
    if not len(slip_us):
        return {}
    p50_us, p99_us = np.percentile(slip_us, [MEDIAN, TAIL])
    return {"slip_p50_ms": float(p50_us) / 1000, "slip_p99_ms": float(p99_us) / 1000}


def incomplete(load: Load, expected: int) -> list[str]:
    """Return what was not sent of the schedule; nothing if all of it was."""
    counts = load.counts
    found = []
    if counts.scheduled != expected:
        found.append(f"{counts.scheduled} requests fell due where the schedule has {expected}")
    if counts.sent != counts.scheduled:
        found.append(f"{counts.scheduled - counts.sent} of {counts.scheduled} requests never sent")
    return found


def lateness_ms(folder: Path, load: Load) -> dict[str, float]:
    """Return how late the generator sent, and how late it noticed answers, in ms."""
    receiving_ms = {f"receiving_{name}_ms": ms for name, ms in load.receiving_ms.items()}
    return {**slip_ms(folder, load), **receiving_ms}


def late(found_ms: dict[str, float]) -> list[str]:
    """Return which figures show that the generator was late; nothing if it was not."""
    limits_ms = {
        f"{what}_{name}_ms": limit_ms
        for what in ("slip", "receiving")
        for name, limit_ms in (("p50", P50_MS), ("p99", P99_MS))
    }
    return [
        f"{name} was {found_ms[name]:.2f}, over {limit_ms}: the generator was late"
        for name, limit_ms in limits_ms.items()
        if found_ms.get(name, 0.0) > limit_ms
    ]


def crowded(others_share: float | None) -> list[str]:
    """Return that others took too much of the trial's processors; nothing if not, or not known."""
    if others_share is None or others_share <= OTHERS_SHARE:
        return []
    limit = f"{OTHERS_SHARE:.0%}: stop what else runs"
    return [f"others took {others_share:.0%} of the processors under test, over {limit}"]


def reasons(load: Load, expected: int, found_ms: dict[str, float]) -> list[str]:
    """Return why the trial is not valid; nothing if it is. `found_ms` is from `lateness_ms`."""
    found = incomplete(load, expected)
    if "slip_p50_ms" not in found_ms:
        found.append("no request fell due in the window: make it longer or the rate higher")
    return [*found, *late(found_ms)]
