"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c37_gone_broker_noticed import (
    DROPPED,
    FAULTS,
    FROM_ASYNC,
    FROM_DEF,
    HUNG,
    OTHER,
    REFUSED,
)  # fmt: skip


def _seen(*noticed: str) -> Evidence:
    return {
        name: dict.fromkeys((FROM_DEF, FROM_ASYNC, OTHER), 0.6 if fault in noticed else None)
        for fault, name in FAULTS.items()
    }


WAYS = [
    (DEPENDS, [_seen(REFUSED)]),
    (DEPENDS, [_seen(REFUSED, HUNG, DROPPED), _seen(REFUSED, HUNG)]),
    (TRUE, [_seen(REFUSED, HUNG, DROPPED)]),
    (FALSE, [_seen()]),
]
