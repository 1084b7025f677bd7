"""Whether a trial's evidence adds up; no verdict may rest on evidence that does not."""

from collections.abc import Iterator

from after202.analyse.jobs import history
from after202.analyse.jobs.history import History
from after202.records.experiment import Outcome, Role
from after202.records.folder import TrialFolder
from after202.records.trial import Episode, Trial
from after202.records.trial_record import TrialRecord

# A monotonic clock is a machine's uptime; this is 146 years, whose nanoseconds fit 64 bits.
LATEST_US = 2**62 // 1000


def read(folder: TrialFolder, planned: Trial | None = None) -> History:
    """Read a trial's folder; the history is empty if its evidence does not add up.

    `planned` is the trial that should be there, if the caller knows. UsageError if a file cannot
    be read.
    """
    told = history.read(folder)
    found = [] if told.doubts else list(_doubts(told, planned))
    told = told.doubted(found) if found else told
    return told if planned is None else told.of(planned)


def _doubts(told: History, planned: Trial | None) -> Iterator[str]:
    """Yield why a trial's requests, ledger and record contradict each other or the plan."""
    record = told.record
    if planned is not None and record.trial != planned:
        yield "trial.json is not of the trial that was planned"
    if not all(0 <= at_us <= LATEST_US for at_us in _times_us(record)):
        yield "trial.json has times that no clock shows"
    if record.load is None:
        return
    if not told.steps:
        yield "trial.json does not say what steps a job has"
    yield from _of_requests(told)
    yield from _of_ledger(told)


def _times_us(record: TrialRecord) -> Iterator[int]:
    """Yield every time that a record states."""
    if record.load is not None:
        load = record.load
        yield from (load.load_start_us, load.window_start_us, load.window_end_us, load.load_end_us)
        yield from load.turns_us
    if record.strike is not None:
        yield from (mark.at_us for mark in record.strike.marks)


def _of_requests(told: History) -> Iterator[str]:
    """Yield what is wrong with the rows of requests, or differs from the generator's counts."""
    requests, jobs, record = told.requests, told.jobs, told.record
    if told.incomplete_requests:
        yield f"{told.incomplete_requests} requests lack a value"
    unknown = requests["outcome"].isna() | requests["stream"].isna()
    if unknown.any():
        yield f"{int(unknown.sum())} requests have an outcome or a stream that does not exist"
    if told.repeats_ids:
        yield "several requests have the same job id"
    counts = record.load.counts if record.load else None
    found = {
        "sent": len(jobs),
        "answered": int((jobs["response_us"] >= 0).sum()),
        "accepted": int((jobs["outcome"] == Outcome.ACCEPTED).sum()),
    }
    for what, rows in found.items():
        counted = getattr(counts, what)
        if rows < counted or (rows > counted and not _adds_requests(record.trial)):
            yield f"the generator counted {counted} requests {what}, and its rows show {rows}"


def _adds_requests(trial: Trial) -> bool:
    """Return whether a fault sends requests of its own, beside the generator's."""
    return isinstance(trial, Episode) and trial.hits is Role.CLIENT


def _of_ledger(told: History) -> Iterator[str]:
    """Yield what no process under test can have recorded."""
    steps = [len(leg.offer.steps) for leg in told.record.legs]
    unknown = told.executions.unlike(max([told.steps, *steps]))
    if unknown:
        yield f"{unknown} events in the ledger are of a kind or step that does not exist"
    if told.record.canary_job_ids and not told.canary_events:
        yield "the canary job, which was done, is not in the ledger"
    overdone = int(told.executions.jobs["steps_overdone"].sum())
    if overdone and not told.damaged:
        yield f"{overdone} steps ended more often than they began"
