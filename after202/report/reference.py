"""The reference run of a profile: a report shows what its own run did not try from it, marked."""

from pathlib import Path

import pandas as pd

from after202.kernel import paths
from after202.records.folder import RunFolder
from after202.report.facts import Facts
from after202.report.facts.tables import Tables

KEPT = paths.results() / "reference"


def facts_of(profile: str, kept: Path = KEPT) -> Facts | None:
    """Return the facts of a profile's reference run, by its record and its tables.

    None if none is kept; UsageError if its record cannot be read.
    """
    folder = RunFolder(kept / profile)
    if not folder.path.is_dir():
        return None
    frames = {path.stem: _table(path) for path in sorted(folder.tables.glob("*.csv"))}
    return Facts(Tables(folder.read(), frames))


def _table(path: Path) -> pd.DataFrame:
    """Read a table as it was written: only what is empty is missing."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])
