"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c17_enqueueing_is_instant import (
    ACCEPTED,
    ASYNC,
    DOWN,
    HUNG,
    KINDS,
    OTHERS,
    TOOK,
    UP,
)

SLOW_MS, QUICK_MS = 950.0, 8.0


def _seen(hung_ms: float, up_ms: float = QUICK_MS) -> Evidence:
    found: Evidence = {}
    for kind in KINDS:
        found[f"{kind}, {HUNG}"] = {TOOK: SLOW_MS, OTHERS: hung_ms, ACCEPTED: 1}
    for kind in ASYNC:
        found[f"{kind}, {UP}"] = {TOOK: up_ms, OTHERS: up_ms, ACCEPTED: 1}
        found[f"{kind}, {DOWN}"] = {TOOK: QUICK_MS, OTHERS: QUICK_MS, ACCEPTED: 0}
    return found


WAYS = [
    (TRUE, [_seen(QUICK_MS), _seen(QUICK_MS)]),
    (DEPENDS, [_seen(SLOW_MS), _seen(SLOW_MS)]),
    (FALSE, [_seen(SLOW_MS, SLOW_MS), _seen(SLOW_MS, SLOW_MS)]),
]
