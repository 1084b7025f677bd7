"""Which load a chart is of: a workload's conditions, and the one that shows most."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from after202.kernel.model import DOCUMENTED
from after202.records.experiment import DEPLOYMENT, Layout

COPY = "#"
KEYS = ["workload", "rate_per_s", *DEPLOYMENT]


def arms(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows without those of the baseline's copies."""
    return frame[~frame["strategy"].astype(str).str.contains(COPY, regex=False)]


def documented(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows of the strategies as documented."""
    names = frame["variant"].astype(str).str.partition(" ")[0] if len(frame) else frame["variant"]
    return arms(frame[names == DOCUMENTED])


def lead(latency: pd.DataFrame) -> str:
    """Return the workload that the plan names first; empty without times."""
    return str(latency["workload"].iloc[0]) if len(latency) else ""


def each(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the rows of each condition, in the order of the plan."""
    # At a share of its own capacity every arm has a rate of its own.
    keyed = frame.assign(rate_per_s=frame["rate_per_s"].where(frame["own_share"].isna(), 0.0))
    keys = [keyed[name].astype(object).where(keyed[name].notna(), "") for name in KEYS]
    for index in keyed.groupby(keys, sort=False).groups.values():
        yield frame.loc[index]


def fullest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the condition with most strategies; of these, the one with most trials."""
    found = [one for one in each(frame) if one["own_share"].isna().all()]
    return max(found, key=_evidence, default=frame[:0])


def _evidence(frame: pd.DataFrame) -> tuple[int, float]:
    mine = documented(frame)
    return mine["strategy"].nunique(), float(np.sum(mine["trials"]))


def said(frame: pd.DataFrame) -> str:
    """Return a condition in words: the load, and what is not usual of the deployment."""
    row = frame.iloc[0]
    parts = [_load(row)]
    if row["layout"] == Layout.WORKER_APART:
        parts.append("worker apart")
    if row["api_processes"] > 1:
        parts.append(f"{row['api_processes']:g} API processes")
    if pd.notna(row["slots_varied"]):
        parts.append(f"{row['slots_varied']:g} slots")
    return ", ".join(parts)


def _load(row: pd.Series) -> str:
    if pd.notna(row["own_share"]):
        return f"{100 * row['own_share']:g} % of its own capacity"
    return f"{row['rate_per_s']:g} requests a second"


def value(frame: pd.DataFrame, metric: str, quantile: float) -> float | None:
    """Return the estimate (ms) of the one arm in a table; None if it has none."""
    rows = frame[(frame["metric"] == metric) & (frame["quantile"] == quantile)]
    return float(rows["estimate_ms"].iloc[0]) if len(rows) else None
