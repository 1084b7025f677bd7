"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c04_gather_stops_the_others import (
    AFTER,
    CANCELLED,
    CASES,
    FINISHED,
    GATHER,
    LOGGED,
    OTHERS,
)  # fmt: skip


def _seen(finished: int, cancelled: int) -> Evidence:
    quiet: dict[str, float | None] = {AFTER: 201.0, FINISHED: 0, CANCELLED: OTHERS, LOGGED: 1}
    return {
        **dict.fromkeys(CASES, quiet),
        GATHER: {**quiet, FINISHED: finished, CANCELLED: cancelled},
    }


WAYS = [
    (FALSE, [_seen(OTHERS, 0)]),
    (TRUE, [_seen(0, OTHERS)]),
    (DEPENDS, [_seen(1, 1)]),
    (DEPENDS, [_seen(0, OTHERS), _seen(OTHERS, 0)]),
]
