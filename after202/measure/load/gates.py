"""The gates of a valid trial: whether the generator offered the whole schedule, and on time."""

from pathlib import Path

import numpy as np

from after202.records import requests
from after202.records.trial import Load

SLIP_P50_MS, SLIP_P99_MS = 0.5, 5.0
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


def late(slip: dict[str, float]) -> list[str]:
    """Return which slips show that the generator was late; nothing if it was not."""
    limits_ms = {"slip_p50_ms": SLIP_P50_MS, "slip_p99_ms": SLIP_P99_MS}
    return [
        f"{name} was {slip[name]:.2f}, over {limit_ms}: the generator was late"
        for name, limit_ms in limits_ms.items()
        if slip.get(name, 0.0) > limit_ms
    ]


def crowded(others_share: float | None) -> list[str]:
    """Return that others took too much of the trial's processors; nothing if not, or not known."""
    if others_share is None or others_share <= OTHERS_SHARE:
        return []
    limit = f"{OTHERS_SHARE:.0%}: stop what else runs"
    return [f"others took {others_share:.0%} of the processors under test, over {limit}"]


def reasons(load: Load, expected: int, slip: dict[str, float]) -> list[str]:
    """Return why the trial is not valid; nothing if it is."""
    found = incomplete(load, expected)
    if not slip:
        found.append("no request fell due in the window: make it longer or the rate higher")
    return [*found, *late(slip)]
