"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c30_kept_connection_waits import BLOCKED, CASES, OTHER, SAME


def _seen(*waited: str) -> Evidence:
    tried: Evidence = {case: {SAME: 401.0 if case in waited else 3.0, OTHER: 3.0} for case in CASES}
    return {**tried, BLOCKED: {SAME: 402.0, OTHER: 402.0}}


FIRST = next(iter(CASES))
WAYS = [
    (FALSE, [_seen()]),
    (FALSE, [_seen(FIRST), _seen(), _seen()]),
    (DEPENDS, [_seen(FIRST), _seen(FIRST), _seen()]),
    (TRUE, [_seen(*CASES)]),
]
