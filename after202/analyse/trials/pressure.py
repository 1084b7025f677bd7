"""What one pressure trial shows: its verdict, its jobs by class, its figures and curves."""

from dataclasses import dataclass

import pandas as pd

from after202.analyse.jobs import evidence
from after202.analyse.jobs.guarantees import Seen
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import accepted_in, begun_again, classify, count
from after202.analyse.trials.pressed import Curves, Pressed, rate_per_s
from after202.records.folder import TrialFolder
from after202.records.trial import Pressure
from after202.records.trial_record import TrialRecord


@dataclass(frozen=True)
class PressureSummary:
    """A pressure trial: its figures by name, jobs by class, and curves for charts."""

    planned: Pressure
    record: TrialRecord
    reasons: tuple[str, ...]
    classes: dict[str, int]
    figures: dict[str, float]
    curves: Curves
    complete: bool = True
    begun_again: int = 0

    @property
    def valid(self) -> bool:
        """Whether its times may be used."""
        return not self.reasons

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        return accepted_in(self.classes)

    @property
    def seen(self) -> Seen:
        """Its evidence about the guarantees."""
        known = self.record.load is not None
        return Seen(
            self.classes,
            self.accepted,
            known=known,
            complete=self.complete,
            begun_again=self.begun_again,
        )


def summarise(
    planned: Pressure, told: History, jobs: pd.DataFrame, reasons: tuple[str, ...]
) -> PressureSummary:
    """Return what a pressure trial shows; `jobs` are classified."""
    load = told.record.load
    figures, curves = {}, Curves()
    if load is not None:
        zero_ns = load.load_start_us * 1000 + round(planned.pressed_from_s * 1e9)
        seen = Pressed(planned, told, jobs[jobs["due_ns"] >= 0], zero_ns)
        figures, curves = seen.figures(), seen.curves()
    return PressureSummary(
        planned,
        told.record,
        reasons,
        count(jobs),
        figures,
        curves,
        complete=not told.damaged,
        begun_again=begun_again(jobs),
    )


def done_per_s(folder: TrialFolder) -> float | None:
    """Return how many jobs per second were done in a stored trial, from the first to the last.

    None if the trial is not valid, or if fewer than two jobs were done.
    """
    told = evidence.read(folder)
    if not told.record.valid or told.record.load is None or told.record.offer is None:
        return None
    jobs = classify(told.jobs, told.executions.jobs, told.steps)
    return rate_per_s(jobs["last_end_ns"].to_numpy(float) / 1e9)
