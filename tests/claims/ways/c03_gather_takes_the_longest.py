"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c03_gather_takes_the_longest import CASES, LONGEST, SUM, TOTAL


def _seen(*summed: str) -> Evidence:
    return {
        case: {TOTAL: 905.0 if case in summed else 405.0, LONGEST: 401.0, SUM: 903.0}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen(), _seen()]),
    (DEPENDS, [_seen(list(CASES)[1]), _seen(list(CASES)[1])]),
    (FALSE, [_seen(*CASES), _seen(*CASES)]),
]
