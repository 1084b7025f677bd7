"""REPORT.md and index.html: the same facts, filled into two templates."""

from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bench.analyse import tables
from bench.analyse.charts import Chart
from bench.analyse.report.overheads import GOALS, overheads
from bench.analyse.report.summary import COLUMNS, LEGEND, rows
from bench.analyse.trials import Run
from bench.analyse.verdicts import COPY, sentence
from bench.model import Setting

TEMPLATES = Path(__file__).with_name("templates")
PAGES = ("REPORT.md", "index.html")


def write(run: Run, verdicts: pd.DataFrame, charts: list[Chart]) -> None:
    """Fill the templates."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    facts = _facts(run, verdicts, charts)
    for page in PAGES:
        text = environment.get_template(f"{page}.jinja").render(facts)
        (run.folder / page).write_text(text, encoding="utf-8")


def _facts(run: Run, verdicts: pd.DataFrame, charts: list[Chart]) -> dict[str, Any]:
    control = verdicts["strategy"].str.contains(COPY, regex=False)
    return {
        "run": run.record,
        "columns": COLUMNS,
        "legend": LEGEND,
        "rows": [row.cells for row in rows(run)],
        "sentences": [sentence(row) for row in verdicts[~control].to_dict("records")],
        "control": [sentence(row) for row in verdicts[control].to_dict("records")],
        "charts": charts,
        "counts": _counts(run),
        "completion": tables.completion(run).to_dict("records"),
        "invalid": [(t.record.trial.id, t.reasons) for t in run.trials if not t.valid],
        "trials": run.trials,
        "missing": run.missing,
        "overheads": overheads(run),
        "goals": GOALS,
        "settings": _settings(run),
    }


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


def _settings(run: Run) -> dict[str, tuple[Setting, ...]]:
    """Return the settings of each strategy, as its API told them."""
    return {
        trial.record.trial.arm.strategy: trial.record.settings
        for trial in run.trials
        if trial.record.settings
    }
