"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c10_cpu_bound_is_harmless import (
    CASES,
    COROUTINE,
    MEDIAN,
    REST,
    SLOWEST,
    THREADS,
)  # fmt: skip


def _seen(*slowed: str) -> Evidence:
    return {
        case: {MEDIAN: 90.0 if case in slowed else 1.5, SLOWEST: 200.0} for case in (REST, *CASES)
    }


WAYS = [
    (FALSE, [_seen(COROUTINE, THREADS), _seen(COROUTINE, THREADS)]),
    (DEPENDS, [_seen(COROUTINE)]),
    (DEPENDS, [_seen(THREADS)]),
    (TRUE, [_seen(), _seen()]),
]
