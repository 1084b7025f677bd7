"""Which trials are valid, and what the gates change."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter

from after202.analyse.findings.comparisons import findings
from after202.analyse.findings.finding import Finding
from after202.analyse.run import Run
from after202.analyse.statistics.difference import Difference
from after202.report.blocks import Block, Fold, Items, Text, table
from after202.report.numbers import signed_ms
from after202.report.sections import Reported

PLACE = 60
METRICS = {"response": "answers", "completion": "is done"}


def fold(reported: Reported) -> Fold:
    """Return the rejected trials by strategy, what the gates change, and every reason."""
    return Fold("Validity", tuple(_blocks(reported)))


def _blocks(reported: Reported) -> Iterator[Block]:
    run = reported.run
    invalid = _invalid(run)
    yield Text(
        f"{run.stored} of {len(run.record.planned)} trials stored, {run.stored - len(invalid)}"
        " valid. Times come from valid trials only; outcomes of jobs come from all trials."
    )
    if run.comparisons:
        yield table(("strategy", "trials", "rejected"), _rejects(reported), 1)
        yield from _gated(reported)
        yield from _items(_turns(reported), _not_charged(reported))
    drifting = [t for t in run.comparisons if t.valid and t.drifting]
    if drifting:
        yield Text(
            "Drifting: the two halves of these trials differ at the 1 % level, as one trial in a"
            " hundred does by chance. Their times are used:"
        )
        yield Items(tuple(f"{t.record.trial.name}: {', '.join(t.drifting)}" for t in drifting))
    if invalid:
        yield Text("Not valid:")
        yield Items(tuple(f"{name}: {'; '.join(reasons)}" for name, reasons in invalid))


def _items(*lines: Iterator[str]) -> Iterator[Items]:
    found = tuple(chain(*lines))
    if found:
        yield Items(found)


def _turns(reported: Reported) -> Iterator[str]:
    """Yield a line for each load whose trials took turns."""
    turns = {leg.arm.condition: leg.turns for leg in reported.run.compared if leg.turns > 1}
    for condition, number in turns.items():
        yield (
            f"{reported.facts.names.condition(condition)}: the trials of a block were up together;"
            f" each received its load in {number} turns"
        )


def _not_charged(reported: Reported) -> Iterator[str]:
    """Yield a line for each load whose requests were not all for jobs."""
    compared = reported.run.compared
    for condition in dict.fromkeys(t.arm.condition for t in compared if t.bystander_per_s):
        yield (
            f"{reported.facts.names.condition(condition)}: requests without work were sent too, so"
            " no CPU time is charged to jobs (bystander_per_s)"
        )


def _gated(reported: Reported) -> Iterator[Block]:
    changed = _gates(reported)
    if not changed:
        yield Text("The gates change no comparison.")
        return
    yield Text("Comparisons that the gates change, with the gates and without:")
    yield table(("comparison", "with gates", "without"), changed)


def _invalid(run: Run) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, dict[str, None]] = {}
    for trial in run.timed:
        if not trial.valid:  # once for all its legs
            found.setdefault(trial.record.trial.id, {}).update(dict.fromkeys(trial.reasons))
    episodes = [e for e in run.episodes if not e.known]
    rows = [(name, tuple(reasons)) for name, reasons in found.items()]
    return rows + [(e.record.trial.id, (*e.reasons, *e.unknown)) for e in episodes]


def _gates(reported: Reported) -> list[tuple[str, str, str]]:
    """Return each comparison's difference with the gates and without, where these differ."""
    key = attrgetter("pairing.arm", "pairing.metric", "pairing.quantile")
    gated = {key(finding): finding for finding in reported.found}
    names = reported.facts.names
    rows = []
    enough = (f for f in findings(reported.run.without_gates()) if f.verdict != Difference.TOO_FEW)
    for finding in enough:
        with_gates = gated.get(key(finding))
        if with_gates is None or with_gates.pairing != finding.pairing:
            arm, metric, quantile = key(finding)
            load = names.condition(arm.condition)
            what = f"{names.arm(arm.label)}, {load}, {METRICS[metric]} p{quantile * 100:g}"
            rows.append((what, _brief(with_gates), _brief(finding)))
    return rows


def _brief(finding: Finding | None) -> str:
    if finding is None:
        return "-"
    difference = signed_ms(finding.difference_ms)
    return f"{difference} ({finding.said}, {finding.pairing.blocks} blocks)"


def _rejects(reported: Reported) -> list[tuple[str, int, int]]:
    """Return, per arm, how many trials were measured and how many were rejected."""
    run, names = reported.run, reported.facts.names
    arms = Counter(trial.record.trial.arm.label for trial in run.comparisons)
    bad = Counter(t.record.trial.arm.label for t in run.comparisons if t.record.reasons)
    return [(names.arm(label), arms[label], bad[label]) for label in run.labels()]
