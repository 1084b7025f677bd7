"""The run at a glance: a row per arm."""

import math
from collections.abc import Iterator

from after202.analyse import marks
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.statistics.hodges_lehmann import estimate
from after202.analyse.trials.charge import TOTAL, charge
from after202.analyse.trials.comparison import ComparisonSummary
from after202.records.experiment import Arm
from after202.report.blocks import Items, Section, table
from after202.report.sections import Reported

PLACE = 10
COLUMNS = ("load", "strategy", "answer", "p90", "done", "p90", "CPU-s", "MiB", "once")
LEGEND = (
    "answer, done: p50 and p90 (from 30 requests in a window on), ms since due"
    " (never: requests refused, or work not done);"
    " CPU-s: per 1,000 jobs done; once: of the requests"
)
MISSING, NEVER = "-", "never"
MEBIBYTE = 2**20
PLAIN_FROM_MS = 1000


def section(reported: Reported) -> Section | None:
    """Return the table of arms."""
    run = reported.run
    if not run.comparisons:
        return None
    legend = "; ".join(filter(None, (LEGEND, marks.legend(run), _sleep(run))))
    glance = table(COLUMNS, [_row(run, arm) for arm in run.arms()], 2, legend)
    undone, notes = tuple(_unfinished(run)), (*_not_charged(run), *_turns(run))
    flagged = (Items(undone),) if undone else ()
    blocks = (glance, *flagged, *([Items(notes)] if notes else []))
    return Section("", blocks, terminal=(glance, *flagged))


def _sleep(run: Run) -> str:
    """Say what the mail server's sleep adds to times; empty if it adds nothing."""
    offers = {t.record.trial.arm.workload: t.record.offer for t in run.comparisons}
    mails = [workload for workload, offer in offers.items() if offer and offer.sends_mail]
    delay_ms = run.record.profile.mail_delay_ms
    if not mails or not delay_ms:
        return ""
    return f"done in {', '.join(mails)}: {delay_ms:g} ms of it the mail server's sleep"


def _unfinished(run: Run) -> Iterator[str]:
    """Yield a line for each arm with requests that were refused, or whose work was not done."""
    for arm in run.arms():
        every = [trial for trial in run.comparisons if trial.record.trial.arm == arm]
        undone, sent = sum(t.unfinished for t in every), sum(t.sent for t in every)
        late = sum(not t.record.drained for t in every)
        if undone:
            closed = f"; in {late} of {len(every)} trials the drain closed before" if late else ""
            yield (
                f"{arm.label} at {arm.condition.label}: {undone} of {sent} requests were refused or"
                f" their work was not done{closed}"
            )


def _row(run: Run, arm: Arm) -> tuple[str, ...]:
    every = [trial for trial in run.comparisons if trial.record.trial.arm == arm]
    valid = run.of(arm)
    times = [
        _ms(valid, metric, quantile)
        for metric in ("response", "completion")
        for quantile in (0.5, 0.9)
    ]
    once = sum(trial.classes.get(OutcomeClass.ONCE, 0) for trial in every)
    sent = sum(trial.sent for trial in every)
    return (arm.condition.label, marks.label(run, arm), *times, *_cost(valid), f"{once}/{sent}")


def _cost(valid: list[ComparisonSummary]) -> tuple[str, str]:
    charged = [trial for trial in valid if trial.is_charged]
    if not charged:
        return MISSING, MISSING
    found = charge(charged, TOTAL)
    cpu_s, memory_bytes = found.cpu_s_per_1000_jobs.value, found.peak_memory_bytes
    return f"{cpu_s:.3g}", f"{memory_bytes / MEBIBYTE:.0f}"


def _not_charged(run: Run) -> Iterator[str]:
    """Yield a line for each condition whose requests were not all for jobs."""
    for label in dict.fromkeys(t.arm.condition.label for t in run.compared if t.bystander_per_s):
        yield (
            f"{label}: requests to /ping were sent too, so no CPU time is charged to jobs"
            " (bystander_per_s)"
        )


def _ms(trials: list[ComparisonSummary], metric: str, quantile: float) -> str:
    found = [trial.quantiles_ms.get((metric, quantile)) for trial in trials]
    values = [value for value in found if value is not None]
    if not values:
        return MISSING
    found_ms = estimate(values).value
    if math.isinf(found_ms):
        return NEVER
    return f"{found_ms:.3g}" if found_ms < PLAIN_FROM_MS else f"{found_ms:.0f}"


def _turns(run: Run) -> list[str]:
    """Return a line for each condition whose trials took turns."""
    turns = {leg.arm.condition.label: leg.turns for leg in run.compared if leg.turns > 1}
    return [
        f"{label}: the trials of a block were up together; each received its load in {number} turns"
        for label, number in turns.items()
    ]
