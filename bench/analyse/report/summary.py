"""The run at a glance, for a terminal of 80 columns and for the pages."""

from dataclasses import dataclass

from rich.table import Table

from bench.analyse.outcomes import OutcomeClass
from bench.analyse.statistics.hodges_lehmann import estimate
from bench.analyse.tables import TOTAL, arms, resources
from bench.analyse.trials import Run, TrialSummary

COLUMNS = (
    "workload", "strategy", "answer", "p90", "done", "p90", "CPU-s", "MiB", "once",
)  # fmt: skip
MISSING = "-"
MEBIBYTE = 2**20
LEGEND = "answer, done: p50 and p90, ms since due; CPU-s: per 1,000 jobs; once: of accepted jobs"


@dataclass(frozen=True)
class Row:
    """One arm's figures, as texts."""

    cells: tuple[str, ...]


def rows(run: Run) -> list[Row]:
    """Return a row per arm."""
    used = resources(run)
    totals = {
        (row["workload"], row["strategy"]): row
        for row in used[used["role"] == TOTAL].to_dict("records")
    }
    found = []
    for workload, label in arms(run):
        mine = [t for t in run.trials if _arm(t) == (workload, label)]
        if not mine:
            continue
        cost = (MISSING, MISSING)
        if (workload, label) in totals:
            row = totals[(workload, label)]
            memory = row["peak_memory_bytes"] / MEBIBYTE
            cost = (f"{row['cpu_s_per_1000_jobs']:.3g}", f"{memory:.0f}")
        times = [
            _ms(run.of(label, workload), metric, quantile)
            for metric in ("response", "completion")
            for quantile in (0.5, 0.9)
        ]
        once = sum(trial.classes.get(OutcomeClass.ONCE, 0) for trial in mine)
        accepted = sum(trial.accepted for trial in mine)
        found.append(Row((workload, label, *times, *cost, f"{once}/{accepted}")))
    return found


def _arm(trial: TrialSummary) -> tuple[str, str]:
    return trial.record.trial.arm.workload, trial.record.trial.arm.label


def _ms(trials: list[TrialSummary], metric: str, quantile: float) -> str:
    found = [trial.quantiles_ms.get((metric, quantile)) for trial in trials]
    values = [value for value in found if value is not None]
    return f"{estimate(values).value:.3g}" if values else MISSING


def summary_table(run: Run) -> Table:
    """Return the table for the terminal."""
    table = Table(box=None, pad_edge=False, caption=LEGEND, caption_justify="left")
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=True)
    before = ""
    for row in rows(run):
        workload = row.cells[0]
        table.add_row("" if workload == before else workload, *row.cells[1:])
        before = workload
    return table
