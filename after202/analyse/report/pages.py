"""REPORT.md and index.html: the same facts, filled into two templates."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from after202.analyse import tables
from after202.analyse.charts import Chart
from after202.analyse.findings.comparisons import Finding, findings
from after202.analyse.report import capacities
from after202.analyse.report.machine import speed
from after202.analyse.report.overheads import GOALS, overheads
from after202.analyse.report.sentences import sentence
from after202.analyse.report.summary import COLUMNS, LEGEND, rows
from after202.analyse.report.survival import only_episodes, survivals
from after202.analyse.run import Run
from after202.analyse.statistics.verdict import Verdict
from after202.kernel.model import Setting

TEMPLATES = Path(__file__).with_name("templates")
PAGES = ("REPORT.md", "index.html")


def write(run: Run, found: list[Finding], charts: list[Chart]) -> None:
    """Fill the templates."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    facts = _facts(run, found, charts)
    for page in PAGES:
        text = environment.get_template(f"{page}.jinja").render(facts)
        (run.folder / page).write_text(text, encoding="utf-8")


def _facts(run: Run, found: list[Finding], charts: list[Chart]) -> dict[str, Any]:
    return {
        "run": run.record,
        "slots": _slots(run),
        "columns": COLUMNS,
        "legend": LEGEND,
        "rows": [row.cells for row in rows(run)],
        "turns": _turns(run),
        "sentences": [sentence(f) for f in found if not f.is_control],
        "control": [sentence(f) for f in found if f.is_control],
        "gates": _gates(run, found),
        "rejects": _rejects(run),
        "charts": charts,
        "counts": _counts(run),
        "completion": _completion(replace(run, episodes=())),
        "survivals": survivals(run),
        "survived": _completion(only_episodes(run)),
        "recovery": _recovery(run),
        "horizons": _horizons(run),
        "invalid": [(t.record.trial.id, t.reasons) for t in run.trials if not t.valid]
        + [(e.record.trial.id, (*e.reasons, *e.unknown)) for e in run.episodes if not e.known],
        "drifting": [(t.record.trial.id, t.drifting) for t in run.trials if t.valid and t.drifting],
        "goodput": tables.goodput(run).to_dict("records"),
        "capacity_columns": capacities.COLUMNS,
        "capacities": capacities.rows(run),
        "trials": run.all,
        "missing": run.missing,
        "overheads": overheads(run),
        "goals": GOALS,
        "speed": speed(run),
        "settings": _settings(run),
    }


def _slots(run: Run) -> str:
    """Say how many jobs a queue's workers can do at once, as many of them as were up."""
    slots = run.record.profile["slots"]
    more = [
        f"{strategy} {slots * count}, by {count} workers"
        for strategy, count in run.record.workers.items()
        if count > 1
    ]
    return "; ".join([f"{slots} slots for every queue", *more])


def _turns(run: Run) -> list[str]:
    """Say where a block's trials took turns."""
    turns = {t.arm.condition.label: t.turns for t in run.record.planned if t.turns > 1}
    return [
        f"{label}: the trials of a block were up together; each one's load came in {number} turns"
        for label, number in turns.items()
    ]


def _completion(run: Run) -> list[dict[Hashable, Any]]:
    return tables.completion(run).to_dict("records")


def _recovery(run: Run) -> list[list[str]]:
    """Return each cell's recovery as texts: strategy, variant, fault, broker, then the times."""
    found = tables.recovery(run)
    return [
        [*row[:4], str(row[4]), *(_seconds(value) for value in row[5:11]), *map(str, row[11:15])]
        for row in found.itertuples(index=False, name=None)
    ]


def _seconds(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.1f}"


def _horizons(run: Run) -> list[tuple[str, str, str]]:
    """Return, by strategy and variant: how soon it is said to redeliver, how long was waited."""
    found: dict[str, tuple[str, str, str]] = {}
    for episode in run.episodes:
        label, strike = episode.record.trial.arm.label, episode.record.strike
        if strike is not None:
            promised = "-" if strike.redelivery_s is None else f"{strike.redelivery_s:g} s"
            found[label] = (label, promised, f"{strike.horizon_s:g} s")
    return sorted(found.values())


def _counts(run: Run) -> list[tuple[str, int, int, int, int, int]]:
    """Return, by strategy: scheduled, sent, answered, accepted, once."""
    found = []
    for label in run.labels():
        mine = [t for t in run.trials if t.record.trial.arm.label == label]
        counts = [t.record.load.counts for t in mine if t.record.load]
        once = sum(t.classes.get("once", 0) for t in mine)
        found.append(
            (
                label,
                sum(c.scheduled for c in counts),
                sum(c.sent for c in counts),
                sum(c.answered for c in counts),
                sum(c.accepted for c in counts),
                once,
            )
        )
    return found


def _gates(run: Run, found: list[Finding]) -> list[tuple[str, str, str]]:
    """Return each comparison's ratio with the gates, and without them, where these differ."""
    key = attrgetter("comparison.arm", "comparison.metric", "comparison.quantile")
    gated = {key(finding): finding for finding in found}
    rows = []
    enough = (f for f in findings(run.without_gates()) if f.verdict != Verdict.TOO_FEW)
    for finding in enough:
        with_gates = gated.get(key(finding))
        if with_gates is None or with_gates.comparison != finding.comparison:
            arm, metric, quantile = key(finding)
            what = f"{arm.label}, {arm.condition.label}, {metric} p{quantile * 100:g}"
            rows.append((what, _brief(with_gates), _brief(finding)))
    return rows


def _brief(finding: Finding | None) -> str:
    if finding is None:
        return "-"
    return f"{finding.ratio:.2f} ({finding.said}, {finding.comparison.blocks} blocks)"


def _rejects(run: Run) -> list[tuple[str, int, int]]:
    """Return, by arm: trials that were measured, and those that were not valid."""
    arms = Counter(trial.record.trial.arm.label for trial in run.trials)
    bad = Counter(trial.record.trial.arm.label for trial in run.trials if trial.record.reasons)
    return [(label, arms[label], bad[label]) for label in run.labels()]


def _settings(run: Run) -> dict[str, tuple[Setting, ...]]:
    """Return the settings of each strategy, as its API told them."""
    return {
        f"{each.record.trial.arm.strategy} {each.record.trial.arm.variant}": each.record.settings
        for each in run.all
        if each.record.settings
    }
