"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c36_enqueue_in_transaction import (
    AFTER,
    FOUND,
    LATER,
    NEVER,
    RAN,
    REQUESTS,
    ROWS,
    SOON,
)  # fmt: skip


def _seen(later: int = REQUESTS, soon: int = REQUESTS, ran_for_nothing: int = 0) -> Evidence:
    return {
        LATER: {RAN: REQUESTS, FOUND: later, ROWS: REQUESTS},
        SOON: {RAN: REQUESTS, FOUND: soon, ROWS: REQUESTS},
        NEVER: {RAN: ran_for_nothing, FOUND: 0, ROWS: 0},
        AFTER: {RAN: REQUESTS, FOUND: REQUESTS, ROWS: REQUESTS},
    }


WAYS = [
    (TRUE, [_seen()]),
    (FALSE, [_seen(later=0)]),
    (FALSE, [_seen(soon=9)]),
    (FALSE, [_seen(ran_for_nothing=1)]),
]
