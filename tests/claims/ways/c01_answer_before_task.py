"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c01_answer_before_task import ANSWERED, BEGAN, CASES


def _seen(*held: str, early: str = "") -> Evidence:
    return {
        case: {
            ANSWERED: 1005.0 if case in held else 6.0,
            BEGAN: -2.0 if case == early else 0.5,
        }
        for case in CASES
    }


LAST = list(CASES)[-1]
WAYS = [
    (TRUE, [_seen(), _seen()]),
    (DEPENDS, [_seen(), _seen(LAST)]),
    (DEPENDS, [_seen(early=LAST), _seen()]),
    (FALSE, [_seen(*CASES), _seen()]),
]
