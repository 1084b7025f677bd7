"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c23_gather_is_faster import GATHERED, KINDS, ONE_BY_ONE


def _seen(*faster: str, slow_hour: float = 1) -> Evidence:
    return {
        kind: {
            ONE_BY_ONE: 300.0 * slow_hour,
            GATHERED: (100.0 if kind in faster else 300.0) * slow_hour,
        }
        for kind in KINDS
    }


FIRST = next(iter(KINDS))
WAYS = [
    (TRUE, [_seen(*KINDS), _seen(*KINDS, slow_hour=9)]),
    (DEPENDS, [_seen(FIRST), _seen(FIRST), _seen()]),
    (FALSE, [_seen(), _seen(), _seen(FIRST)]),
]
