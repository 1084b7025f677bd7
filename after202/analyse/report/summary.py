"""The run at a glance, for a terminal of 80 columns and for the pages."""

from dataclasses import dataclass

from rich.table import Table

from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.analyse.tables import TOTAL, usage
from after202.analyse.trials.comparison import TrialSummary
from after202.records.experiment import Arm

COLUMNS = (
    "load", "strategy", "answer", "p90", "done", "p90", "CPU-s", "MiB", "once",
)  # fmt: skip
MISSING = "-"
MEBIBYTE = 2**20
PLAIN_FROM_MS = 1000
LEGEND = "answer, done: p50 and p90, ms since due; CPU-s: per 1,000 jobs; once: of accepted jobs"


@dataclass(frozen=True)
class Row:
    """One arm's figures, as texts."""

    cells: tuple[str, ...]


def rows(run: Run) -> list[Row]:
    """Return a row per arm."""
    return [_row(run, arm) for arm in run.arms()]


def _row(run: Run, arm: Arm) -> Row:
    every = [trial for trial in run.trials if trial.record.trial.arm == arm]
    valid = run.of(arm)
    times = [
        _ms(valid, metric, quantile)
        for metric in ("response", "completion")
        for quantile in (0.5, 0.9)
    ]
    once = sum(trial.classes.get(OutcomeClass.ONCE, 0) for trial in every)
    accepted = sum(trial.accepted for trial in every)
    cells = (arm.condition.label, arm.label, *times, *_cost(valid), f"{once}/{accepted}")
    return Row(cells)


def _cost(valid: list[TrialSummary]) -> tuple[str, str]:
    measured = [trial for trial in valid if trial.record.usage]
    if not measured:
        return MISSING, MISSING
    cpu_s, memory_bytes = usage(measured, TOTAL)
    return f"{cpu_s:.3g}", f"{memory_bytes / MEBIBYTE:.0f}"


def _ms(trials: list[TrialSummary], metric: str, quantile: float) -> str:
    found = [trial.quantiles_ms.get((metric, quantile)) for trial in trials]
    values = [value for value in found if value is not None]
    if not values:
        return MISSING
    found_ms = estimate(values).value
    return f"{found_ms:.3g}" if found_ms < PLAIN_FROM_MS else f"{found_ms:.0f}"


def summary_table(run: Run) -> Table:
    """Return the table for the terminal."""
    table = Table(box=None, pad_edge=False, caption=LEGEND, caption_justify="left")
    for number, name in enumerate(COLUMNS):
        # A long name, of a strategy with its variant, takes two lines rather than being cut.
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number != 1)
    before = ""
    for row in rows(run):
        workload = row.cells[0]
        table.add_row("" if workload == before else workload, *row.cells[1:])
        before = workload
    return table
