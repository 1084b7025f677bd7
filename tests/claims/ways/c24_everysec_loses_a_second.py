"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c24_everysec_loses_a_second import (
    ACCEPTED,
    ALWAYS,
    CASES,
    EVERYSEC,
    EVERYSEC_TERM,
    LOST,
    ON_DISK,
)

JOBS, AT_ONCE_MS = 500, 1.0


def _seen(lost: int = 0, on_disk_ms: float = 990.0) -> Evidence:
    every = {EVERYSEC: on_disk_ms, EVERYSEC_TERM: on_disk_ms, ALWAYS: AT_ONCE_MS}
    return {
        case: {ACCEPTED: JOBS, LOST: lost if case == EVERYSEC else 0, ON_DISK: every.get(case)}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen(lost=JOBS)]),
    (DEPENDS, [_seen()]),
    (DEPENDS, [_seen(lost=1)]),
    (FALSE, [_seen(on_disk_ms=AT_ONCE_MS)]),
]
