"""Every episode accounted for, and how the systems recovered."""

import pandas as pd

from after202.analyse import tables
from after202.analyse.run import Run
from after202.records.trial import Episode
from after202.report.blocks import Heading, Section, Text, table
from after202.report.sections import Reported

PLACE = 60
COUNTED = {
    "episodes": "episodes", "accepted": "accepted", "once": "once", "late": "late",
    "duplicated": "twice", "failed_visibly": "failed visibly", "stranded": "stranded",
    "lost": "lost", "recovered": "recovered", "refused": "refused", "unknown": "unknown",
    "unseen": "unseen",
}  # fmt: skip
CELL = ("strategy", "variant", "fault", "broker")
BOUND, VERDICT = "episodes that lose, at most", "verdict"
RECOVERY = (
    *CELL, "episodes", "ready", "new start", "interrupted again", "last end", "outage",
    "work done twice", "in flight", "restarted", "overlapping", "lost once begun",
)  # fmt: skip
HORIZONS = ("strategy", "documented bound on redelivery", "the drain lasted, at most")


def section(reported: Reported) -> Section | None:
    """Return the counts by class, the horizons, and the times of recovery."""
    run = reported.run
    if not run.episodes:
        return None
    return Section(
        "Every episode accounted for",
        (
            table((*CELL, *COUNTED.values(), BOUND, VERDICT), _counts(run)),
            Text(
                '"At most" is the one-sided 95 % upper bound on the share of episodes that lose a'
                " job: five episodes without a loss do not prove that none will ever occur."
                f" {_deadlines(run)} How long the drains waited for redelivery:"
            ),
            table(HORIZONS, _horizons(run)),
            Heading("Recovery"),
            Text(_recovery_explained(run)),
            table(RECOVERY, _recovery(run), 4),
        ),
    )


def _counts(run: Run) -> list[list[object]]:
    rows = []
    for row in tables.completion(run.only_episodes()).to_dict("records"):
        bound = row["upper_bound_lost"]
        share = 1.0 if bound is None or pd.isna(bound) else float(bound)
        counts = [row[name] for name in COUNTED]
        rows.append([*(row[n] for n in CELL), *counts, f"{100 * share:.0f} %", row["verdict"]])
    return rows


def _deadlines(run: Run) -> str:
    """State after what time a job is late, with the faults where this differs."""
    planned = [trial for trial in run.record.planned if isinstance(trial, Episode)]
    faults: dict[float, set[str]] = {}
    for episode in planned:
        if episode.deadline_s is not None:
            faults.setdefault(episode.deadline_s, set()).add(episode.fault)
    if len(faults) == 1:
        return f"A job is late after {next(iter(faults)):g} s."
    named = (f"{limit:g} s in {', '.join(sorted(faults[limit]))}" for limit in sorted(faults))
    return f"A job is late after {'; '.join(named)}."


def _horizons(run: Run) -> list[tuple[str, str, str]]:
    """Return, per strategy and variant, the bound on redelivery and the horizon of the drain."""
    found: dict[str, tuple[str, str, str]] = {}
    for episode in run.episodes:
        label, strike = episode.record.trial.arm.label, episode.record.strike
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


def _recovery(run: Run) -> list[list[str]]:
    """Return each cell's recovery: strategy, variant, fault, broker, counts and times."""
    found = tables.recovery(run)
    return [
        [*row[:4], str(row[4]), *(_seconds(value) for value in row[5:11]), *map(str, row[11:15])]
        for row in found.itertuples(index=False, name=None)
    ]


def _seconds(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.1f}"
