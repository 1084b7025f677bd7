"""What each strategy takes at a level of service, for the terminal and for the pages."""

from rich.table import Table

from after202.analyse.report.summary import MISSING
from after202.analyse.run import Run
from after202.analyse.trials.probe import Capacity

COLUMNS = (
    "strategy", "kept at", "missed at", "CPU per job", "generator's CPU per request", "probes",
)  # fmt: skip


def rows(run: Run) -> list[tuple[str, ...]]:
    """Return a row of texts per arm."""
    return [_row(found) for found in run.capacities]


def capacity_table(run: Run) -> Table:
    """Return the table for the terminal."""
    level = run.record.level
    caption = f"kept in most tries: {level.label}" if level else None
    table = Table(box=None, pad_edge=False, caption=caption, caption_justify="left")
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows(run):
        table.add_row(*row)
    return table


def _row(found: Capacity) -> tuple[str, ...]:
    low = "below what was tried" if found.low_per_s is None else f"{found.low_per_s:.3g}/s"
    high = "above what was tried" if found.high_per_s is None else f"{found.high_per_s:.3g}/s"
    job, request = _ms(found.cpu_ms), _ms(found.generator_ms)
    return found.arm.label, low, high, job, request, str(len(found.probes))


def _ms(value: float | None) -> str:
    return MISSING if value is None else f"{value:.3g} ms"
