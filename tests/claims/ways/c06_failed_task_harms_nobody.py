"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c06_failed_task_harms_nobody import (
    ANSWERED,
    APART,
    DONE,
    GUARDED,
    H11,
    SAME,
    TRIES,
)  # fmt: skip


def _seen(apart: int, same: int) -> Evidence:
    answered = {APART: apart, SAME: same, H11: same, GUARDED: TRIES}
    return {case: {ANSWERED: count, DONE: TRIES} for case, count in answered.items()}


WAYS = [
    (DEPENDS, [_seen(TRIES, 0)]),
    (TRUE, [_seen(TRIES, TRIES)]),
    (FALSE, [_seen(4, 0)]),
]
