"""Arms of a run by the names and in the order that all charts have."""

from collections.abc import Iterable

from after202.records.experiment import Arm
from after202.report.charts import rows
from after202.report.charts.tables import Tables


def name(tables: Tables, arm: Arm) -> rows.Name:
    """Return an arm's name as a row has it."""
    return rows.named(tables.name(arm.strategy), arm.variant)


def label(tables: Tables, arm: Arm) -> str:
    """Return an arm's name on a line."""
    return ", ".join(filter(None, name(tables, arm)))


def ordered(tables: Tables, found: Iterable[Arm]) -> list[Arm]:
    """Return arms without the baseline's copies, each once."""
    mine = {arm for arm in found if not arm.is_copy}
    return sorted(mine, key=lambda arm: (tables.order(arm.strategy), arm.variant != "documented", arm.variant, arm.rate_per_s))
