"""Arms by the names and in the order that all charts have."""

from collections.abc import Iterable, Iterator

import pandas as pd

from after202.charts import rows
from after202.charts.tables import Tables
from after202.kernel.model import DEDUPLICATED, DOCUMENTED, HARDENED
from after202.records.experiment import Arm

VARIANTS = (DOCUMENTED, HARDENED, DEDUPLICATED)


def name(tables: Tables, arm: Arm) -> rows.Name:
    """Return an arm's name as a row has it."""
    return rows.named(tables.label(arm.strategy), arm.variant_label)


def label(tables: Tables, arm: Arm) -> str:
    """Return an arm's name on one line."""
    return rows.Named(name(tables, arm)).label


def ordered(tables: Tables, found: Iterable[Arm]) -> list[Arm]:
    """Return arms in their order, each once, without the baseline's copies."""
    mine = {arm for arm in found if not arm.is_copy}
    return sorted(
        mine,
        key=lambda a: (tables.order(a.strategy), *variant_order(a.variant_label), a.rate_per_s),
    )


def frames(tables: Tables, frame: pd.DataFrame) -> Iterator[tuple[rows.Name, pd.DataFrame]]:
    """Yield the rows of each arm of a table, with its name."""
    for strategy in tables.sorted(frame["strategy"]):
        mine = frame[frame["strategy"] == strategy]
        for variant in sorted(mine["variant"].unique(), key=variant_order):
            yield rows.named(tables.label(strategy), variant), mine[mine["variant"] == variant]


def variant_order(of: str) -> tuple[int, str]:
    """Return a variant's sort key: from the default to what guards most, then others."""
    return VARIANTS.index(of) if of in VARIANTS else len(VARIANTS), of
