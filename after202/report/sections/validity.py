"""Which trials are valid, and what the gates change."""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter

from after202.analyse.findings.comparisons import findings
from after202.analyse.findings.finding import Finding
from after202.analyse.run import Run
from after202.analyse.statistics.difference import Difference
from after202.report.blocks import Block, Items, Section, Text, table
from after202.report.numbers import signed_ms
from after202.report.sections import Reported

PLACE = 80


def section(reported: Reported) -> Section:
    """Return the rejected trials by strategy, what the gates change, and every reason."""
    return Section("Validity", tuple(_blocks(reported)))


def _blocks(reported: Reported) -> Iterator[Block]:
    run = reported.run
    invalid = _invalid(run)
    yield Text(
        f"{run.stored} of {len(run.record.planned)} trials stored, {run.stored - len(invalid)}"
        " valid. Times come from valid trials only; outcomes of jobs come from all trials."
    )
    if run.comparisons:
        yield table(("strategy", "trials", "rejected"), _rejects(run), 1)
        yield from _gated(reported)
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


def _gated(reported: Reported) -> Iterator[Block]:
    changed = _gates(reported.run, reported.found)
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


def _gates(run: Run, found: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    """Return each comparison's difference with the gates and without, where these differ."""
    key = attrgetter("pairing.arm", "pairing.metric", "pairing.quantile")
    gated = {key(finding): finding for finding in found}
    rows = []
    enough = (f for f in findings(run.without_gates()) if f.verdict != Difference.TOO_FEW)
    for finding in enough:
        with_gates = gated.get(key(finding))
        if with_gates is None or with_gates.pairing != finding.pairing:
            arm, metric, quantile = key(finding)
            what = f"{arm.label}, {arm.condition.label}, {metric} p{quantile * 100:g}"
            rows.append((what, _brief(with_gates), _brief(finding)))
    return rows


def _brief(finding: Finding | None) -> str:
    if finding is None:
        return "-"
    difference = signed_ms(finding.difference_ms)
    return f"{difference} ({finding.said}, {finding.pairing.blocks} blocks)"


def _rejects(run: Run) -> list[tuple[str, int, int]]:
    """Return, per arm, how many trials were measured and how many were rejected."""
    arms = Counter(trial.record.trial.arm.label for trial in run.comparisons)
    bad = Counter(t.record.trial.arm.label for t in run.comparisons if t.record.reasons)
    return [(label, arms[label], bad[label]) for label in run.labels()]
