"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c28_process_pool_is_harmless import (
    DONE,
    DONE_KILLED,
    LEFT,
    POOL,
    QUEUE,
    REST,
    TAKEN,
    THREADS,
    TYPICAL,
)  # fmt: skip


def _seen(pool_ms: float, left: int = 0, taken: int = 0) -> Evidence:
    return {
        REST: {TYPICAL: 5.0},
        THREADS: {TYPICAL: 900.0, DONE: 4},
        POOL: {TYPICAL: pool_ms, DONE: 4, DONE_KILLED: 3, LEFT: left, TAKEN: taken},
        QUEUE: {TYPICAL: 7.0, DONE: 4, DONE_KILLED: 4, LEFT: 0, TAKEN: 0},
    }


WAYS = [
    (DEPENDS, [_seen(14, left=2, taken=1)]),
    (DEPENDS, [_seen(14, left=2)]),
    (TRUE, [_seen(14)]),
    (FALSE, [_seen(700, left=2, taken=1)]),
]
