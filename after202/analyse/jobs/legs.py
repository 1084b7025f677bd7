"""Splits the history of a trial with several legs into one history for each of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from after202.analyse.jobs.executions import Executions
from after202.analyse.jobs.history import History
from after202.analyse.jobs.ids import Numbers
from after202.records.experiment import Outcome, Stream
from after202.records.trial import Comparison
from after202.records.trial_record import Counts, Load, TrialRecord

Chosen = np.ndarray[tuple[int], np.dtype[np.bool_]]


def split(told: History) -> Iterator[History]:
    """Yield a trial's history leg by leg; one without legs, or without a load, as it is.

    A leg has the requests that fell due in it, and their jobs. Work that nobody asked for, damaged
    records and the canary job's events are the first leg's.
    """
    trial, load = told.record.trial, told.record.load
    if not isinstance(trial, Comparison) or not trial.then or load is None:
        yield told
        return
    due_us = told.requests["due_us"].to_numpy("int64")
    of_leg = np.searchsorted(np.array(load.turns_us[1:]), due_us, side="right")
    is_job = (told.requests["stream"] == Stream.JOBS).to_numpy(bool)
    strangers = np.zeros(len(told.job_ids) - int(is_job.sum()), np.intp)
    job_of_leg = np.concatenate([of_leg[is_job], strangers])
    for number in range(len(load.turns_us)):
        yield _leg(told, trial, number, told.requests[of_leg == number], job_of_leg == number)


def _leg(
    told: History, trial: Comparison, number: int, requests: pd.DataFrame, is_mine: Chosen
) -> History:
    jobs = told.executions.jobs[is_mine].reset_index(drop=True)
    is_first = number == 0
    return replace(
        told,
        record=_record(told.record, trial, number, requests),
        requests=requests.reset_index(drop=True),
        executions=Executions(jobs, told.executions.events),
        job_ids=told.job_ids[is_mine],
        held=_renumbered(told.held, is_mine),
        failed=_renumbered(told.failed, is_mine),
        canary_events=told.canary_events if is_first else 0,
        torn_tails=told.torn_tails if is_first else 0,
        corrupt_records=told.corrupt_records if is_first else 0,
    )


def _renumbered(numbers: Numbers, is_mine: Chosen) -> Numbers:
    """Return the places, among the leg's jobs, of those that are the leg's."""
    places = np.cumsum(is_mine) - 1
    known = numbers[numbers >= 0]
    return places[known[is_mine[known]]].astype(np.int32)


def _record(
    record: TrialRecord, trial: Comparison, number: int, requests: pd.DataFrame
) -> TrialRecord:
    """Return the record as that of the leg alone."""
    update: dict[str, Any] = {"trial": trial.legs[number]}
    update["load"] = _load(record, trial, number, requests)
    if number < len(record.legs):
        own = record.legs[number]
        update |= {"offer": own.offer, "usage": own.usage, "services": own.services}
    return record.model_copy(update=update)


def _load(
    record: TrialRecord, trial: Comparison, number: int, requests: pd.DataFrame
) -> Load | None:
    whole = record.load
    if whole is None:
        return None
    start_us = whole.turns_us[number]
    end_us = start_us + int(trial.goes_s[number] * 1e6)
    jobs = requests[requests["stream"] == Stream.JOBS]
    counts = Counts(
        scheduled=len(jobs),
        sent=len(jobs),
        answered=int((jobs["response_us"] >= 0).sum()),
        accepted=int((jobs["outcome"] == Outcome.ACCEPTED).sum()),
    )
    share = len(jobs) / max(whole.counts.sent, 1)
    return whole.model_copy(
        update={
            "load_start_us": start_us,
            "window_start_us": start_us + int(trial.warm_up_s * 1e6),
            "window_end_us": end_us,
            "load_end_us": end_us,
            "turns_us": (start_us,),
            "counts": counts,
            "cpu_s": share * whole.cpu_s,
            "recording_cpu_s": share * whole.recording_cpu_s,
        }
    )
