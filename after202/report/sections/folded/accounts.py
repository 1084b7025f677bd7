"""Every job of the comparisons accounted for, and how many were done per second."""

from collections.abc import Iterator

from after202.analyse import tables
from after202.analyse.run import Run
from after202.report.blocks import Block, Fold, Heading, Items, Text, table
from after202.report.facts.names import Names
from after202.report.sections import Reported

PLACE = 40
DONE_PER_S = (
    "Jobs done per second, from the first one done to the last, over all trials. If more is offered"
    " than a strategy can do, this is its limit; otherwise it is the offered load."
)
COUNTS = ("strategy", "scheduled", "sent", "answered", "accepted", "once")
CLASSES = (
    "strategy", "trials", "lost", "unseen", "duplicated", "failed visibly", "refused",
    "unknown", "verdict",
)  # fmt: skip
GOODPUT = ("strategy", "load", "slots", "jobs/s")


def fold(reported: Reported) -> Fold | None:
    """Return the tables of requests, outcomes and goodput."""
    run, names = reported.run, reported.facts.names
    if not run.comparisons:
        return None
    blocks: tuple[Block, ...] = (
        table(COUNTS, _counts(run, names), 1),
        table(CLASSES, _classes(run, names), 1),
        Heading("Goodput"),
        Text(DONE_PER_S, "small"),
        table(GOODPUT, _goodput(run, names), 2),
        *_items(_unfinished(run, names)),
    )
    return Fold("Every job of the comparisons accounted for", blocks)


def _items(lines: Iterator[str]) -> tuple[Items, ...]:
    there = tuple(lines)
    return (Items(there),) if there else ()


def _unfinished(run: Run, names: Names) -> Iterator[str]:
    """Yield a line for each arm with requests that were refused, or whose work was not done."""
    for arm in run.arms():
        every = [trial for trial in run.comparisons if trial.record.trial.arm == arm]
        undone, sent = sum(t.unfinished for t in every), sum(t.sent for t in every)
        late = sum(not t.record.drained for t in every)
        if undone:
            closed = f"; in {late} of {len(every)} trials the drain closed before" if late else ""
            yield (
                f"{names.arm(arm.label)} at {names.condition(arm.condition)}: {undone} of {sent}"
                f" requests were refused or their work was not done{closed}"
            )


def _counts(run: Run, names: Names) -> list[tuple[object, ...]]:
    """Return, by strategy: scheduled, sent, answered, accepted, once."""
    found: list[tuple[object, ...]] = []
    for label in run.labels():
        mine = [t for t in run.comparisons if t.record.trial.arm.label == label]
        counts = [t.record.load.counts for t in mine if t.record.load]
        found.append(
            (
                names.arm(label),
                sum(c.scheduled for c in counts),
                sum(c.sent for c in counts),
                sum(c.answered for c in counts),
                sum(c.accepted for c in counts),
                sum(t.classes.get("once", 0) for t in mine),
            )
        )
    return found


def _classes(run: Run, names: Names) -> list[list[object]]:
    shown = ("lost", "unseen", "duplicated", "failed_visibly", "refused", "unknown", "verdict")
    return [
        [names.arm(f"{row['strategy']} {row['variant']}"), row["episodes"]]
        + [row[name] for name in shown]
        for row in tables.completion(run.only_comparisons()).to_dict("records")
    ]


def _goodput(run: Run, names: Names) -> list[list[object]]:
    found = ((arm, tables.goodput_of(run, arm)) for arm in run.arms())
    return [
        [
            names.arm(arm.label),
            names.condition(arm.condition),
            goodput[0],
            f"{goodput[1].value:.3g}",
        ]
        for arm, goodput in found
        if goodput is not None
    ]
