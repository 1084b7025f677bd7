"""A summary of each stored trial: its events are read, its jobs classified, its doubts collected.

Memory holds the jobs of one trial at a time, plus those of the next, which is read ahead.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

import pandas as pd

from after202.analyse.jobs import evidence, legs
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import OutcomeClass, classify, count
from after202.analyse.jobs.table import Keep
from after202.analyse.trials import comparison, episode, pressure
from after202.analyse.trials.comparison import ComparisonSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.pressure import PressureSummary
from after202.records.experiment import NO_FAULT
from after202.records.folder import RunFolder, TrialFolder
from after202.records.run import RunRecord
from after202.records.trial import Comparison, Episode, Pressure, Probe, Trial

Summary = ComparisonSummary | EpisodeSummary | PressureSummary


def summaries(folder: RunFolder, record: RunRecord, keep: Keep | None) -> Iterator[Summary]:
    """Yield a summary of each stored trial except probes, leg by leg, in the order of the plan.

    Each trial's classified jobs are passed to `keep`, and then dropped.
    """
    wanted = [trial for trial in record.planned if not isinstance(trial, Probe)]
    places = ((folder.trial(trial.id), trial) for trial in wanted)
    stored = _read_ahead(place for place in places if place[0].is_stored)
    for told in chain.from_iterable(map(legs.split, stored)):
        jobs = _classified(told)
        if keep is not None:
            keep(told, jobs)
        reasons = (*told.record.reasons, *_found_wrong(told, jobs))
        match told.record.trial:
            case Comparison():
                yield comparison.summarise(told, jobs, reasons)
            case Episode() as planned:
                yield episode.summarise(planned, told, jobs, reasons)
            case Pressure() as planned:
                yield pressure.summarise(planned, told, jobs, reasons)


def _read_ahead(places: Iterable[tuple[TrialFolder, Trial]]) -> Iterator[History]:
    """Yield each trial's history while the next one is being read."""
    with ThreadPoolExecutor(1) as reader:
        following: Future[History] | None = None
        for place in places:
            before, following = following, reader.submit(evidence.read, *place)
            if before is not None:
                yield before.result()
        if following is not None:
            yield following.result()


def _classified(told: History) -> pd.DataFrame:
    record = told.record
    trial = record.trial
    return classify(
        told.jobs,
        told.executions.jobs,
        told.steps,
        held=told.held,
        failed=told.failed,
        written=told.written,
        inspected=record.inspected and not record.unread and not told.damaged,
        deadline_s=trial.deadline_s if isinstance(trial, Episode) else None,
    )


def _may_be_torn(told: History) -> bool:
    trial = told.record.trial
    return isinstance(trial, Episode) and trial.fault != NO_FAULT


def _found_wrong(told: History, jobs: pd.DataFrame) -> Iterator[str]:
    """Yield reasons against a trial that only its stored events reveal.

    A fault may kill a process that is recording an event. Without one, no record may be damaged.
    """
    yield from told.doubts
    if told.damaged and not _may_be_torn(told):
        yield f"{told.damaged} damaged records in the ledger"
    phantoms = count(jobs).get(OutcomeClass.PHANTOM, 0)
    if phantoms:
        yield f"{phantoms} phantom jobs: work that no request of this trial asked for"
