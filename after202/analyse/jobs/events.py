"""The events of a trial's ledger, by the numbers of their jobs, read part by part."""

from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd

from after202.analyse.jobs import ids, ledgers
from after202.analyse.jobs.ids import Ids, Numbers
from after202.kernel import ledger


def frame(records: np.ndarray, jobs: Numbers) -> pd.DataFrame:
    """Return records of these jobs as events."""
    columns = {
        "job": jobs,
        "kind": records["kind"],
        "step": records["step"],
        "at_ns": records["at_ns"],
    }
    return pd.DataFrame(columns)


def none() -> pd.DataFrame:
    """Return no events."""
    return frame(ledgers.NO_RECORDS, ids.NO_NUMBERS)


class Events:
    """Reads a ledger's events once; what it counts is complete when they have been read.

    Canary jobs have no number, and their events are only counted. `strangers` are the ids of jobs
    that are not indexed: their numbers follow those of the indexed ones.
    """

    def __init__(self, folder: Path, index: ids.Index, canaries: Collection[UUID]) -> None:
        """Read no file yet."""
        self._files = sorted(folder.glob(f"*{ledger.SUFFIX}"))
        self._index = index
        self._canaries = np.array([job_id.bytes for job_id in canaries], ids.ID)
        self.strangers: Ids = ids.NO_IDS
        self.canary_events = self.torn_tails = self.corrupt_records = 0

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield some events at a time; UsageError if a file cannot be read."""
        strange = [ledgers.NO_RECORDS]
        for part in (part for path in self._files for part in ledgers.parts(path)):
            self.torn_tails += part.torn
            self.corrupt_records += part.corrupt
            jobs = self._index.numbers(part.records["job_id"])
            known = jobs >= 0
            yield frame(part.records[known], jobs[known])
            others = part.records[~known]
            is_canary = np.isin(others["job_id"], self._canaries)
            self.canary_events += int(is_canary.sum())
            strange.append(others[~is_canary])
        records = np.concatenate(strange)
        self.strangers, places = np.unique(records["job_id"], return_inverse=True)
        yield frame(records, (len(self._index) + places).astype(np.int32))
