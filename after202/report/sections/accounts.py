"""Every job of the comparisons accounted for, and how many were done per second."""

from after202.analyse import tables
from after202.analyse.run import Run
from after202.report.blocks import Heading, Section, Text, table
from after202.report.sections import Reported

PLACE = 70
COUNTS = ("strategy", "scheduled", "sent", "answered", "accepted", "once")
CLASSES = (
    "strategy", "fault", "trials", "lost", "unseen", "duplicated", "failed visibly", "refused",
    "unknown", "verdict",
)  # fmt: skip
GOODPUT = ("strategy", "variant", "load", "slots", "jobs/s")


def section(reported: Reported) -> Section | None:
    """Return the tables of requests, outcomes and goodput."""
    run = reported.run
    if not run.comparisons:
        return None
    return Section(
        "Every job accounted for",
        (
            table(COUNTS, _counts(run), 1),
            table(CLASSES, _classes(run)),
            Heading("Goodput"),
            Text(
                "Jobs done per second, from the first one done to the last, over all trials. If"
                " more is offered than a strategy can do, this is its limit; otherwise it is the"
                " offered load."
            ),
            table(GOODPUT, _goodput(run), 3),
        ),
    )


def _counts(run: Run) -> list[tuple[object, ...]]:
    """Return, by strategy: scheduled, sent, answered, accepted, once."""
    found: list[tuple[object, ...]] = []
    for label in run.labels():
        mine = [t for t in run.comparisons if t.record.trial.arm.label == label]
        counts = [t.record.load.counts for t in mine if t.record.load]
        found.append(
            (
                label,
                sum(c.scheduled for c in counts),
                sum(c.sent for c in counts),
                sum(c.answered for c in counts),
                sum(c.accepted for c in counts),
                sum(t.classes.get("once", 0) for t in mine),
            )
        )
    return found


def _classes(run: Run) -> list[list[object]]:
    names = ("lost", "unseen", "duplicated", "failed_visibly", "refused", "unknown", "verdict")
    return [
        [f"{row['strategy']} ({row['variant']})", row["fault"], row["episodes"]]
        + [row[name] for name in names]
        for row in tables.completion(run.only_comparisons()).to_dict("records")
    ]


def _goodput(run: Run) -> list[list[object]]:
    found = ((arm, tables.goodput_of(run, arm)) for arm in run.arms())
    return [
        [
            tables.name_of(arm),
            arm.variant_label,
            arm.condition.label,
            goodput[0],
            f"{goodput[1].value:.3g}",
        ]
        for arm, goodput in found
        if goodput is not None
    ]
