"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c27_blocking_in_async_tasks import BLOCKING, OTHERS, REST, SLOWEST, TOOK


def _seen(*waited: str) -> Evidence:
    tried: Evidence = {
        case: {TOOK: 503.0, SLOWEST: 500.0 if case in waited else 9.0}
        for case in (*BLOCKING, *OTHERS)
    }
    return {REST: {TOOK: None, SLOWEST: 7.0}, **tried}


WAYS = [
    (FALSE, [_seen(*BLOCKING), _seen(*BLOCKING), _seen()]),
    (DEPENDS, [_seen(BLOCKING[0])]),
    (TRUE, [_seen(), _seen(*BLOCKING), _seen()]),
    (TRUE, [_seen(OTHERS[0])]),
]
