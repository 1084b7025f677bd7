"""CPU time per job and memory, by role and by service."""

import math
from collections.abc import Iterator

from after202.analyse.trials.charge import TOTAL
from after202.report.blocks import Cell, Fold, Text, table
from after202.report.facts.tables import Row, condition_of
from after202.report.numbers import mib, ms
from after202.report.sections import Reported

PLACE = 30
ROLES = {"api": "API", "worker": "Workers", "broker": "Broker", TOTAL: "All roles"}
EXPLAINED = (
    "CPU time per job done with its 95 % interval, and the peak of memory (PSS). Mail, database and"
    " cache are charged to nobody, and not in the total."
)


def fold(reported: Reported) -> Fold | None:
    """Return a row per strategy, load and role; None if no usage is known."""
    rows = list(_rows(reported))
    if not rows:
        return None
    shown = table(("Strategy", "Role", "CPU per job", "Memory"), rows, 2)
    return Fold("CPU and memory", (Text(EXPLAINED, "small"), shown), "by role")


def _rows(reported: Reported) -> Iterator[list[Cell]]:
    names = reported.facts.names
    for row in reported.facts.tables.rows("resources"):
        name, _, copy = row["strategy"].partition("#")
        arm = f"{name} {row['variant']}{f'#{copy}' if copy else ''}"
        yield [
            Cell(names.arm(arm), notes=(names.condition(condition_of(row)),)),
            Cell(ROLES.get(row["role"], str(row["role"]))),
            _cpu(row),
            Cell(mib(row["peak_memory_bytes"])),
        ]


def _cpu(row: Row) -> Cell:
    value = row["cpu_s_per_1000_jobs"]
    if value is None or math.isinf(value):
        return Cell("no job was done")
    low, high = row["low_cpu_s_per_1000_jobs"], row["high_cpu_s_per_1000_jobs"]
    return Cell(ms(value), notes=() if low is None else (f"{ms(low)} to {ms(high)}",))
