"""The tables of what became of jobs: completion and recovery."""

from collections import Counter

import numpy as np
import pandas as pd

from after202.analyse.jobs.guarantees import Seen, decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.statistics.binomial import upper_bound
from after202.analyse.summaries import Summary
from after202.analyse.tables.cells import name_of
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.recovery import RECOVERY_TIMES
from after202.kernel.overrides import told
from after202.records.experiment import NO_FAULT
from after202.records.run import BROKER, RunRecord
from after202.records.trial import NOT_DURABLE, Episode, Pressure, Trial

COMPLETION = [
    "strategy", "variant", "fault", "broker", "episodes", "accepted", "once", "late", "duplicated",
    "failed_visibly", "stranded", "lost", "recovered", "refused", "unknown", "upper_bound_lost",
    "verdict", "unseen", "begun_again", "done_at_least_once", "begun_at_most_once",
    "failure_visible", "parameters", "orphaned",
]  # fmt: skip
RECOVERY_COUNTS = ("in_flight", "restarted", "overlapping", "lost_started")

RECOVERY = [
    "strategy", "variant", "fault", "broker", "episodes", *RECOVERY_TIMES, *RECOVERY_COUNTS,
    "alone",
]  # fmt: skip
Cell = tuple[str, str, str, str]


def completion(run: Run) -> pd.DataFrame:
    """Return a row per strategy, variant, fault and broker: jobs by class over all trials.

    `upper_bound_lost` is the one-sided 95 % upper bound on the share of episodes that lose a job.
    `parameters` are those of the fault's that the profile overrides.
    """
    rows = [
        [
            *cell,
            *_classes([each.seen for each in found]),
            _parameters(found[0].record.trial),
            sum(each.seen.classes.get(OutcomeClass.ORPHANED, 0) for each in found),
        ]
        for cell, found in cells(run).items()
    ]
    return pd.DataFrame(rows, columns=COMPLETION)


def cells(run: Run) -> dict[Cell, list[Summary]]:
    """Return the trials and episodes by strategy, variant, fault and the broker's persistence."""
    groups: dict[Cell, list[Summary]] = {}
    for each in run.all:
        planned = each.record.trial
        fault, broker = _struck(planned), _broker(run.record, planned)
        key = (name_of(planned.arm), planned.arm.variant_label, fault, broker)
        groups.setdefault(key, []).append(each)
    return dict(sorted(groups.items()))


def _struck(planned: Trial) -> str:
    """Return a trial's fault.

    Pressure is no fault, but jobs under it are not pooled with those of the control.
    """
    if isinstance(planned, Pressure):
        return planned.shape
    return planned.fault if isinstance(planned, Episode) else NO_FAULT


def _broker(record: RunRecord, planned: Trial) -> str:
    """Return what a trial's broker writes to disk, or that it is the user's own."""
    if record.has_own_broker:
        return record.options[BROKER]
    if isinstance(planned, Episode):
        return planned.durability
    facts = record.strategies.get(planned.arm.strategy)
    return record.durabilities.get(facts.broker or "" if facts else "", NOT_DURABLE)


def _parameters(planned: Trial) -> str:
    return told(planned.parameters) if isinstance(planned, Episode) else ""


def _classes(seen: list[Seen]) -> list[object]:
    counts = sum((Counter(one.classes) for one in seen), Counter[str]())
    shown = [one for one in seen if one.tells_of_loss]
    bad = sum(bool(one.classes.get(OutcomeClass.LOST)) for one in shown)
    names = COMPLETION[COMPLETION.index("once") : COMPLETION.index("recovered") + 1]
    decided = decide(seen)
    return [
        len(seen),
        sum(one.accepted for one in seen),
        *(counts[name] for name in names),
        counts[OutcomeClass.REFUSED] + counts[OutcomeClass.EXECUTED_THOUGH_REFUSED],
        counts[OutcomeClass.UNKNOWN],
        round(upper_bound(bad, len(shown)), 4) if shown else None,
        str(decided),
        counts[OutcomeClass.UNSEEN],
        sum(one.begun_again for one in seen),
        *(str(verdict) for verdict in vars(decided).values()),
    ]


def recovery(run: Run) -> pd.DataFrame:
    """Return a row per cell whose fault struck: medians over its known episodes, in s.

    `alone` is true if episodes ran one at a time.
    """
    alone = run.record.profile.side_by_side == 1
    rows = []
    for cell, found in cells(run).items():
        known = [e for e in found if isinstance(e, EpisodeSummary) and e.known]
        times = [_median([getattr(e.recovery, name) for e in known]) for name in RECOVERY_TIMES]
        if any(value is not None for value in times):
            counts = (sum(getattr(e, name) for e in known) for name in RECOVERY_COUNTS)
            rows.append([*cell, len(known), *times, *counts, alone])
    return pd.DataFrame(rows, columns=RECOVERY)


def _median(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return float(np.median(there)) if there else None
