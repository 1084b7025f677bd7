"""Two runs compared, as data: what `compare --json` prints."""

from after202.analyse.changes.compared import Compared
from after202.analyse.changes.mishaps import MishapChange
from after202.analyse.changes.speed import Change
from after202.analyse.run import Run
from after202.records.answers import (
    CompareAnswer,
    ComparedMishap,
    ComparedTime,
    ComparedVerdict,
    Side,
    Unlikeness,
)
from after202.report.summary import NONE, verdict


def answer(compared: Compared) -> CompareAnswer:
    """Return everything that was found."""
    return CompareAnswer(
        a=_side(compared.before),
        b=_side(compared.after),
        worse=bool(compared.exit_code),
        exit_code=compared.exit_code,
        unlike=tuple(Unlikeness(what=u.what, a=u.mine, b=u.theirs) for u in compared.unlike),
        generator_ratio=compared.generator_ratio,
        mishaps=tuple(map(_mishap, compared.mishaps)),
        times=tuple(map(_time, compared.changes)),
        verdicts=tuple(
            ComparedVerdict(a=verdict(one.before), b=verdict(one.after))
            for one in compared.readings
        ),
    )


def _side(run: Run) -> Side:
    record = run.record
    return Side(
        run=record.run,
        profile=record.profile_name,
        started_at=record.started_at,
        git_commit=record.git_commit,
        machine=record.machine,
    )


def _mishap(found: MishapChange) -> ComparedMishap:
    one = found.tallies
    strategy, variant, fault, broker = one.cell
    return ComparedMishap(
        strategy=strategy,
        variant=variant,
        fault=fault,
        broker=broker,
        mishap=one.mishap,
        a_bad=one.before.bad,
        a_trials=one.before.trials,
        a_jobs=one.before.jobs,
        b_bad=one.after.bad,
        b_trials=one.after.trials,
        b_jobs=one.after.jobs,
        p_holm=found.p_holm,
        verdict=found.fate,
    )


def _time(change: Change) -> ComparedTime:
    one = change.samples
    (a_ms, b_ms), (a_trials, b_trials) = one.estimates_ms, one.sizes
    difference_low_ms, difference_high_ms = change.interval_ms or NONE
    low, high = change.interval or NONE
    own_share, api_processes, slots, layout = one.arm.cells
    return ComparedTime(
        strategy=one.arm.strategy,
        variant=one.arm.variant_label,
        workload=one.arm.workload,
        rate_per_s=one.arm.rate_per_s,
        own_share=own_share,
        api_processes=api_processes,
        slots_varied=slots,
        layout=layout,
        metric=one.metric,
        quantile=one.quantile,
        a_trials=a_trials,
        b_trials=b_trials,
        a_ms=a_ms,
        b_ms=b_ms,
        difference_ms=change.difference_ms,
        difference_low_ms=difference_low_ms,
        difference_high_ms=difference_high_ms,
        ratio=change.ratio,
        low=low,
        high=high,
        p_holm=change.p_holm,
        detectable_ratio=change.detectable_ratio,
        verdict=change.word,
        doubts=change.doubts,
        beyond_doubt=change.is_beyond_doubt,
    )
