"""Every episode accounted for, and how the systems recovered."""

from collections.abc import Iterator, Sequence

import pandas as pd

from after202.analyse import tables
from after202.analyse.run import Run
from after202.records.trial import Episode
from after202.report.blocks import Block, Fold, Heading, Text, table
from after202.report.facts.names import Names
from after202.report.numbers import listed
from after202.report.sections import Reported

PLACE = 50
AT_MOST = (
    '"At most" is the one-sided 95 % upper bound on the share of episodes that lose a job: five'
    " episodes without a loss do not prove that none will ever occur."
)
COUNTED = {
    "episodes": "episodes", "accepted": "accepted", "once": "once", "late": "late",
    "duplicated": "twice", "failed_visibly": "failed visibly", "stranded": "stranded",
    "lost": "lost", "recovered": "recovered", "refused": "refused", "unknown": "unknown",
    "unseen": "unseen", "orphaned": "orphaned",
}  # fmt: skip
CELL = ("strategy", "variant", "fault", "broker")
BOUND, VERDICT = "episodes that lose, at most", "verdict"
RECOVERY = (
    *CELL, "episodes", "ready", "new start", "interrupted again", "last end", "outage",
    "work done twice", "in flight", "restarted", "overlapping", "lost once begun",
)  # fmt: skip
SET = "Set by the profile: "
HORIZONS = ("strategy", "documented bound on redelivery", "the drain lasted, at most")


def fold(reported: Reported) -> Fold | None:
    """Return the counts by class, the horizons, and the times of recovery."""
    run, names = reported.run, reported.facts.names
    if not run.episodes:
        return None
    blocks: tuple[Block, ...] = (
        table((*CELL, *COUNTED.values(), BOUND, VERDICT), _counts(run, names), 4),
        Text(f"{AT_MOST} {_deadlines(run, names)}", "small"),
        *(Text(f"{names.fault(name)}: {set_by}") for name, set_by in _set_by_the_profile(run)),
        Heading("How long the drains waited for redelivery"),
        table(HORIZONS, _horizons(run, names), 1),
        Heading("Recovery"),
        Text(_recovery_explained(run), "small"),
        table(RECOVERY, _recovery(run, names), 4),
    )
    return Fold("Every episode accounted for, and how systems recovered", blocks)


def _set_by_the_profile(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each fault whose parameters the profile overrides, with what it sets."""
    for name, title in run.record.faults.items():
        _, mark, given = title.partition(SET)
        if mark:
            yield name, f"{mark}{given}"


def _of_cell(names: Names, cell: Sequence[str]) -> list[str]:
    """Return the labels of a cell: strategy, variant, fault, and what the broker writes."""
    strategy, variant, fault, broker = cell
    return [names.strategy(strategy), names.variant(variant), names.fault(fault), broker]


def _counts(run: Run, names: Names) -> list[list[object]]:
    rows = []
    for row in tables.completion(run.only_episodes()).to_dict("records"):
        bound = row["upper_bound_lost"]
        share = 1.0 if bound is None or pd.isna(bound) else float(bound)
        counts = [row[name] for name in COUNTED]
        cell = _of_cell(names, [row[name] for name in CELL])
        rows.append([*cell, *counts, f"{100 * share:.0f} %", row["verdict"]])
    return rows


def _deadlines(run: Run, names: Names) -> str:
    """State after what time a job is late, with the faults where this differs."""
    planned = [trial for trial in run.record.planned if isinstance(trial, Episode)]
    faults: dict[float, set[str]] = {}
    for episode in planned:
        if episode.deadline_s is not None:
            faults.setdefault(episode.deadline_s, set()).add(episode.fault)
    if len(faults) == 1:
        return f"A job is late after {next(iter(faults)):g} s."
    named = (
        f"{limit:g} s if {listed(list(map(names.when, sorted(faults[limit]))), 'or')}"
        for limit in sorted(faults)
    )
    return f"A job is late after {'; '.join(named)}."


def _horizons(run: Run, names: Names) -> list[tuple[str, str, str]]:
    """Return, per strategy and variant, the bound on redelivery and the horizon of the drain."""
    found: dict[str, tuple[str, str, str]] = {}
    for episode in run.episodes:
        label = names.arm(episode.record.trial.arm.label)
        strike = episode.record.strike
        if strike is not None:
            promised = "-" if strike.redelivery_s is None else f"{strike.redelivery_s:g} s"
            found[label] = (label, promised, f"{strike.horizon_s:g} s")
    return sorted(found.values())


def _recovery_explained(run: Run) -> str:
    together = run.record.profile.side_by_side
    more = f" {together} episodes ran side by side, so these times are longer than for one alone."
    return (
        "Medians over the episodes, in seconds since the fault. Interrupted again: the first"
        " restart of a step that was interrupted." + (more if together > 1 else "")
    )


def _recovery(run: Run, names: Names) -> list[list[str]]:
    """Return each cell's recovery: strategy, variant, fault, broker, counts and times."""
    found = tables.recovery(run)
    return [
        [
            *_of_cell(names, row[:4]),
            str(row[4]),
            *(_seconds(value) for value in row[5:11]),
            *map(str, row[11:15]),
        ]
        for row in found.itertuples(index=False, name=None)
    ]


def _seconds(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.1f}"
