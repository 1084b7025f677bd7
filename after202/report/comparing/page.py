"""Two runs compared, as sections: the page of its own, and what a terminal shows."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from after202.analyse.changes import mishaps
from after202.analyse.changes.compared import Compared
from after202.analyse.changes.mishaps import MishapChange
from after202.analyse.changes.speed import DECIDED, Change
from after202.analyse.run import Run
from after202.records.experiment import NO_FAULT
from after202.records.files import fresh, writing
from after202.report.blocks import Block, Heading, Items, Section, Text, table
from after202.report.comparing import sentences
from after202.report.facts.names import Names
from after202.report.numbers import INFINITE, factor, in_ms, signed_ms
from after202.report.rendering import html

NONE = "-"
TIME = {"response": "answer", "completion": "done"}
DIFFERS, KEPT, SPEED = "What differs", "What accepted work can rely on", "Speed"
HOW = (
    "The unit is the trial: two independent samples of each arm's quantiles, compared by Mann and"
    " Whitney's exact test, with the Hodges-Lehmann difference and its 95 % interval. Faster and"
    " slower need a difference outside the regions of practical equivalence. Because the machine of"
    " another hour is another machine, they are in doubt unless the arm changed beside its control"
    " too: the baseline in the same blocks, and for the baseline what a request took the generator."
    " Episodes are compared by Fisher's exact test. One correction by Holm covers these tests, of"
    " episodes and of times beside their control. Without a fault, one job that B lost or began"
    " twice is enough if A did neither."
)
TIMES = ("load", "strategy", "time", "A, ms", "B, ms", "difference, ms", "ratio", "verdict")
MISHAPS = ("strategy", "variant", "fault", "broker", "jobs were", "A", "B", "verdict")
READINGS = ("comparison", "A", "B")
READ = (
    "Each run's own comparisons with its baseline, where the word differs. A word may change"
    " because a run had more noise: what is above compares the runs themselves."
)


def write(folder: Path, compared: Compared) -> Path:
    """Write the page into a folder of runs, and return its path."""
    names = (compared.before.record.run, compared.after.record.run)
    path = folder / f"compare-{names[0]}-{names[1]}.html"
    page = html.page(sections(compared), f"{names[0]} and {names[1]}")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        fresh(path).write_text(page, encoding="utf-8")
    return path


def sections(compared: Compared) -> list[Section]:
    """Return what differs, what befell work, what is faster or slower, and how that was decided."""
    verdict = Text(sentences.verdict(compared))
    runs = Items((_named("A", compared.before), _named("B", compared.after)))
    found = [
        Section("Two runs compared", (verdict, runs), terminal=(runs,)),
        _told(DIFFERS, tuple(_differs(compared))),
        _told(KEPT, (_kept(compared),), _all_mishaps(compared)),
        _told(SPEED, (_took(compared),), _all_times(compared)),
        _readings(compared),
        Section("How this was decided", (Text(HOW),), terminal=(verdict,)),
    ]
    return [section for section in found if section is not None]


def terminal(compared: Compared) -> Iterator[Block]:
    """Yield the blocks that a terminal shows; the verdict is the last."""
    for section in sections(compared):
        yield from section.terminal


def _names(compared: Compared) -> Names:
    return Names(compared.after.record)


def _told(title: str, shown: tuple[Block, ...], *folded: Block | None) -> Section:
    blocks = (*shown, *(block for block in folded if block is not None))
    return Section(title, blocks, terminal=(Heading(f"\n{title}"), *shown))


def _named(name: str, run: Run) -> str:
    record = run.record
    commit = f", commit {record.git_commit[:12]}" if record.git_commit else ""
    return f"{name}: {record.run}, begun {record.started_at or 'at an unknown time'}{commit}"


def _differs(compared: Compared) -> Iterator[Block]:
    lines = tuple(map(sentences.differs, compared.unlike)) or (sentences.NOTHING_DIFFERS,)
    yield Items((*lines, sentences.machine_speed(compared.generator_ratio)))


def _kept(compared: Compared) -> Block:
    changed = list(mishaps.changed(compared.mishaps))
    told = f"{len(compared.mishaps)} counts of jobs lost, begun twice, failed or not accepted"
    if not compared.mishaps:
        return Text("The runs have no trials in common that tell.")
    if not changed:
        return Text(f"All {told} are as before.")
    ordered = sorted(changed, key=lambda one: list(mishaps.Fate).index(one.fate))
    same = f"{told}: {len(compared.mishaps) - len(changed)} are as before."
    names = _names(compared)
    return Items((*(sentences.befell(one, names) for one in ordered), same))


def _all_mishaps(compared: Compared) -> Block | None:
    names = _names(compared)
    rows = [_mishap_row(one, names) for one in compared.mishaps if _happened(one)]
    return table(MISHAPS, rows) if rows else None


def _happened(one: MishapChange) -> bool:
    return bool(one.tallies.before.bad or one.tallies.after.bad)


def _mishap_row(one: MishapChange, names: Names) -> tuple[object, ...]:
    found = one.tallies
    strategy, variant, fault, broker = found.cell
    struck = "none" if fault == NO_FAULT else names.fault(fault)
    named = names.strategy(strategy), names.variant(variant), struck, broker
    return (*named, found.mishap, found.before, found.after, one.fate)


def _took(compared: Compared) -> Block:
    if not compared.changes:
        return Text("The runs have no valid trials of the same arm: no times to compare.")
    told = [one for one in compared.changes if one.verdict in DECIDED]
    others = Counter(one.said for one in compared.changes if one.verdict not in DECIDED)
    rest = ", ".join(f"{number} {said}" for said, number in others.items())
    tested = f"{len(compared.changes)} comparisons of one arm in A and B"
    lines = sorted(told, key=lambda one: not one.is_beyond_doubt)
    summed = f"{tested}: {rest or 'all of them above'}."
    names = _names(compared)
    told_of = (sentences.took(one, names) for one in lines)
    return Items((*told_of, summed, sentences.detectable(compared.changes)))


def _all_times(compared: Compared) -> Block | None:
    names = _names(compared)
    rows = [_time_row(one, names) for one in compared.changes]
    return table(TIMES, rows, 3) if rows else None


def _time_row(change: Change, names: Names) -> tuple[str, ...]:
    one = change.samples
    interval = change.interval_ms
    between = f" ({in_ms(interval[0])} to {in_ms(interval[1])})" if interval else ""
    return (
        names.condition(one.arm.condition),
        names.arm(one.arm.label),
        f"{TIME[one.metric]} p{one.quantile * 100:g}",
        *(
            f"{in_ms(ms)} ({trials})"
            for ms, trials in zip(one.estimates_ms, one.sizes, strict=True)
        ),
        f"{_signed(change.difference_ms)}{between}",
        NONE if change.ratio is None else factor(change.ratio),
        sentences.judged(change, names),
    )


def _signed(value_ms: float) -> str:
    return signed_ms(value_ms).removesuffix(" ms") if abs(value_ms) != float("inf") else INFINITE


def _readings(compared: Compared) -> Section | None:
    if not compared.readings:
        return None
    rows, names = [], _names(compared)
    for one in compared.readings:
        pairing = one.before.pairing
        who, load = names.arm(pairing.arm.label), names.condition(pairing.arm.condition)
        name = f"{who}, {TIME[pairing.metric]} p{pairing.quantile * 100:g} ({load})"
        rows.append((name, one.before.said, one.after.said))
    return Section("Conclusions that read differently", (Text(READ), table(READINGS, rows)))
