"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c21_create_task_is_as_good import (
    BARE,
    CASES,
    COLLECTED,
    COUNT,
    KEPT,
    STOPPED,
    UNDISTURBED,
)


def _seen(*lost: tuple[str, str]) -> Evidence:
    figures = (UNDISTURBED, COLLECTED, STOPPED)
    return {
        case: {figure: 0 if (case, figure) in lost else COUNT for figure in figures}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen()]),
    (DEPENDS, [_seen((BARE, COLLECTED))]),
    (FALSE, [_seen((BARE, COLLECTED), (BARE, STOPPED), (KEPT, STOPPED))]),
    (FALSE, [_seen(), _seen((KEPT, STOPPED))]),
]
