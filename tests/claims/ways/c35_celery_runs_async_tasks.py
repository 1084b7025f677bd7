"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c35_celery_runs_async_tasks import (
    AS_WRITTEN,
    FAILED,
    IN_RQ,
    RAN,
    SUCCEEDED,
    WITH_RESULT,
    WRAPPED,
)


def _seen(*ran: str) -> Evidence:
    return {
        case: {RAN: int(case in ran), SUCCEEDED: int(case != WITH_RESULT), FAILED: 0}
        for case in (AS_WRITTEN, WITH_RESULT, WRAPPED, IN_RQ)
    }


WAYS = [
    (TRUE, [_seen(AS_WRITTEN, WITH_RESULT, WRAPPED, IN_RQ)]),
    (DEPENDS, [_seen(AS_WRITTEN, WRAPPED, IN_RQ)]),
    (FALSE, [_seen(WRAPPED, IN_RQ)]),
]
