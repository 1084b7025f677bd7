"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c07_no_automatic_retries import (
    CELERY_ASKED,
    CELERY_PLAIN,
    IN_PROCESS,
    RQ_ASKED,
    RQ_PLAIN,
    STARTS,
    WAITING,
)  # fmt: skip


def _seen(in_process: int = 1, plain: int = 1, asked: int = 3) -> Evidence:
    return {
        IN_PROCESS: {STARTS: in_process},
        CELERY_PLAIN: {STARTS: plain, WAITING: 0},
        CELERY_ASKED: {STARTS: asked, WAITING: 0},
        RQ_PLAIN: {STARTS: 1, WAITING: 0},
        RQ_ASKED: {STARTS: 3, WAITING: 0},
    }


WAYS = [
    (DEPENDS, [_seen()]),
    (TRUE, [_seen(plain=3)]),
    (FALSE, [_seen(in_process=2)]),
    (FALSE, [_seen(asked=1)]),
]
