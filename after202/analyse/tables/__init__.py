"""The tables of a run, as CSV."""

from collections.abc import Mapping

import pandas as pd

from after202.analyse.run import Run
from after202.analyse.tables.cells import name_of
from after202.analyse.tables.cost import RESOURCES, resources
from after202.analyse.tables.outcomes import COMPLETION, RECOVERY, Cell, cells, completion, recovery
from after202.analyse.tables.pressed import PRESSURE, pressure, under_pressure
from after202.analyse.tables.times import (
    CAPACITY,
    GOODPUT,
    LATENCY,
    capacity,
    goodput,
    goodput_of,
    latency,
)
from after202.records.files import fresh

__all__ = [
    "CAPACITY", "COMPLETION", "GOODPUT", "LATENCY", "PRESSURE", "RECOVERY", "RESOURCES", "Cell",
    "capacity", "cells", "completion", "frames", "goodput", "goodput_of", "latency", "name_of",
    "pressure", "recovery", "resources", "under_pressure", "write",
]  # fmt: skip
# It stays empty if a profile tests no claim.
CLAIMS = ["claim", "source", "verdict", "evidence"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def frames(run: Run, verdicts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every table, by the name of its file."""
    return {
        "latency": latency(run),
        "completion": completion(run),
        "recovery": recovery(run),
        "resources": resources(run),
        "verdicts": verdicts,
        "capacity": capacity(run),
        "goodput": goodput(run),
        "pressure": pressure(run),
        "claims": pd.DataFrame(columns=CLAIMS),
    }


def write(run: Run, made: Mapping[str, pd.DataFrame]) -> None:
    """Write tables below the run's folder."""
    for name, frame in made.items():
        path = fresh(run.folder.tables / f"{name}.csv")
        frame.map(_harmless).to_csv(path, index=False, float_format="%.6g")


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: such a text gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
