"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c32_cron_runs_once import CASES, LEAST, MOST


def _seen(*runs: int) -> Evidence:
    return {case: {MOST: count, LEAST: 1} for case, count in zip(CASES, runs, strict=True)}


WAYS = [
    (DEPENDS, [_seen(1, 2, 4, 1)]),
    (TRUE, [_seen(1, 1, 1, 1)]),
    (FALSE, [_seen(2, 2, 4, 1)]),
]
