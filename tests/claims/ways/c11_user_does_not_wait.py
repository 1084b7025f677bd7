"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c11_user_does_not_wait import ANSWER, BLOCKING, CASES, INLINE, NEXT, OTHER


def _seen(*waited: str) -> Evidence:
    return {
        case: {
            ANSWER: 301.0 if case == INLINE else 2.0,
            NEXT: 301.0 if case in waited else 1.0,
            OTHER: 1.0,
        }
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen(), _seen()]),
    (TRUE, [_seen(BLOCKING), _seen()]),  # one slow moment is not waiting for a task
    (DEPENDS, [_seen(BLOCKING), _seen(BLOCKING)]),
    (FALSE, [_seen(*CASES), _seen(*CASES)]),
]
