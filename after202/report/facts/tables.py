"""What a report is made from: a run's tables and its record, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from after202.analyse import tables
from after202.analyse.run import Run
from after202.analyse.summaries import Summary
from after202.kernel.model import Setting
from after202.records.experiment import NO_FAULT, Condition, Layout
from after202.records.run import RunRecord
from after202.records.trial import Comparison, Episode
from after202.report.facts.names import Who

Row = dict[str, Any]
TRIALS = [
    "trial", "strategy", "variant", "kind", "fault", "valid", "drifting", "cpu_s_per_request",
    "redelivery_s", "arm",
]  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """A run's record, its tables by name as `after202.analyse.tables` makes them, its settings."""

    record: RunRecord
    frames: Mapping[str, pd.DataFrame]
    settings: Mapping[Who, tuple[Setting, ...]] = field(default_factory=dict)

    def rows(self, name: str) -> list[Row]:
        """Return a table's rows; what is missing in a cell is None."""
        frame = self.frames.get(name)
        if frame is None:
            return []
        return [
            {str(key): _none_if_missing(value) for key, value in row.items()}
            for row in frame.to_dict("records")
        ]


def of(run: Run, frames: Mapping[str, pd.DataFrame]) -> Tables:
    """Return the tables of an analysed run."""
    return Tables(run.record, {**frames, "trials": trials(run)}, _settings(run))


def trials(run: Run) -> pd.DataFrame:
    """Return a row per stored trial: what it was, whether it is valid, what it told of itself."""
    return pd.DataFrame([_trial(one) for one in run.all], columns=TRIALS)


def _trial(summary: Summary) -> list[object]:
    record = summary.record
    planned, load, strike = record.trial, record.load, record.strike
    return [
        planned.id, tables.name_of(planned.arm), planned.arm.variant_label, planned.kind,
        planned.fault if isinstance(planned, Episode) else NO_FAULT,
        not summary.reasons, bool(getattr(summary, "drifting", ())),
        load.request_cpu_s if load and isinstance(planned, Comparison) else None,
        strike.redelivery_s if strike else None,
        f"{planned.arm.label} {planned.arm.condition.label}",
    ]  # fmt: skip


def _settings(run: Run) -> dict[Who, tuple[Setting, ...]]:
    """Return the settings of each strategy and variant, as their APIs reported them."""
    return {
        Who(one.record.trial.arm.strategy, one.record.trial.arm.variant_label): one.record.settings
        for one in run.all
        if one.record.settings
    }


def who_of(row: Row) -> Who | None:
    """Return whose row it is; None for a copy of the baseline."""
    return None if "#" in row["strategy"] else Who(row["strategy"], row["variant"])


def condition_of(row: Row) -> Condition:
    """Return the condition of a row."""
    own_share = row.get("own_share")
    return Condition(
        workload=row["workload"],
        rate_per_s=0.0 if own_share is not None else row["rate_per_s"],
        own_share=own_share,
        layout=Layout(row.get("layout") or Layout.SHARED_CORE),
        api_processes=int(row.get("api_processes") or 1),
        slots=None if row.get("slots_varied") is None else int(row["slots_varied"]),
    )


def conditions_of(rows: Sequence[Row]) -> Iterator[Condition]:
    """Yield each condition once, in the order of the rows."""
    yield from dict.fromkeys(map(condition_of, rows))


def _none_if_missing(value: object) -> object:
    return None if value is None or value is pd.NA or value != value else value  # noqa: PLR0124
