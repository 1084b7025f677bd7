"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c34_poison_is_given_up import (
    CASES,
    HELD,
    REJECTED,
    RETRIES,
    RQ_RETRIED,
    STARTS,
)


def _seen(*endless: str) -> Evidence:
    return {case: {STARTS: RETRIES + 1, HELD: int(case in endless)} for case in CASES}


WAYS = [
    (TRUE, [_seen()]),
    (DEPENDS, [_seen(REJECTED)]),
    (FALSE, [_seen(REJECTED, RQ_RETRIED)]),
]
