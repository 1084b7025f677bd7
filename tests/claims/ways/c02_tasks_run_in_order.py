"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c02_tasks_run_in_order import ONE, TWO


def _seen(at_once: int = 1, in_order: int = 3, of_others: int = 2) -> Evidence:
    return {
        ONE: {"in the order added, of 3": in_order, "at once, at most": at_once},
        TWO: {"in the order added, of 6": 6, "at once, at most": of_others},
    }


WAYS = [
    (TRUE, [_seen()]),
    (FALSE, [_seen(at_once=3)]),
    (FALSE, [_seen(in_order=1)]),
    (DEPENDS, [_seen(of_others=1)]),
]
