"""A run's report as data: what `summary.json` holds."""

from collections.abc import Sequence
from typing import TypeVar

import pandas as pd

from after202.analyse import tables
from after202.analyse.findings import checks
from after202.analyse.findings.finding import Finding
from after202.analyse.findings.judged import BROKEN, HOLDS, UNKNOWN, CheckResult
from after202.analyse.run import Run
from after202.analyse.statistics.difference import Difference
from after202.kernel.model import Value
from after202.records.answers import CheckAnswer, CheckedTrial
from after202.records.summary import Summary, Trials
from after202.records.tables import (
    Capacity,
    Completion,
    Goodput,
    Latency,
    Pressure,
    Recovery,
    Resources,
    Verdict,
)

NAME = "summary.json"
NONE = (None, None)
Row = TypeVar("Row", bound=Value)


def summarise(run: Run, found: Sequence[Finding]) -> Summary:
    """Return what a run's report says."""
    record, judged = run.record, checks.judge(run)
    return Summary(
        run=record.run,
        profile=record.profile_name,
        description=record.profile.description,
        baseline=record.profile.baseline,
        stack=record.stack,
        started_at=record.started_at,
        ended=record.ended,
        git_commit=record.git_commit,
        machine=record.machine,
        trials=Trials(
            planned=len(record.planned), stored=len(record.planned) - run.missing,
            valid=judged.valid, hold=judged.count(HOLDS),
            broken=judged.count(BROKEN), unknown=judged.count(UNKNOWN),
        ),
        check=judged.word,
        latency=_rows(tables.latency(run), Latency),
        verdicts=tuple(map(verdict, found)),
        completion=_rows(tables.completion(run), Completion),
        recovery=_rows(tables.recovery(run), Recovery),
        resources=_rows(tables.resources(run), Resources),
        capacity=_rows(tables.capacity(run), Capacity),
        goodput=_rows(tables.goodput(run), Goodput),
        pressure=_rows(tables.pressure(run), Pressure),
        overheads=record.overheads,
    )  # fmt: skip


def checked(run: str, found: CheckResult) -> CheckAnswer:
    """Return what `check` found of a run."""
    return CheckAnswer(
        run=run,
        verdict=found.word,
        exit_code=found.exit_code,
        planned=found.planned,
        missing=found.missing,
        trials=tuple(
            CheckedTrial(
                trial=one.trial,
                verdict=one.word,
                valid=one.valid,
                accepted=one.accepted,
                classes=one.classes,
                reasons=one.reasons,
                **vars(one.guarantees),
            )
            for one in found.judged
        ),
    )


def verdict(finding: Finding) -> Verdict:
    """Return a comparison within blocks as data."""
    pairing = finding.pairing
    difference_low_ms, difference_high_ms = finding.interval_ms or NONE
    low, high = finding.interval or NONE
    own_share, api_processes, slots, layout = pairing.arm.cells
    return Verdict(
        strategy=pairing.arm.strategy,
        variant=pairing.arm.variant_label,
        baseline=pairing.baseline.strategy,
        baseline_variant=pairing.baseline.variant_label,
        is_control=finding.is_control,
        workload=pairing.arm.workload,
        rate_per_s=pairing.arm.rate_per_s,
        metric=pairing.metric,
        quantile=pairing.quantile,
        difference_ms=finding.difference_ms,
        difference_low_ms=difference_low_ms,
        difference_high_ms=difference_high_ms,
        ratio=finding.ratio,
        low=low,
        high=high,
        p_holm=None if finding.verdict == Difference.TOO_FEW else finding.p_holm,
        verdict=finding.said,
        blocks=pairing.blocks,
        detectable_ms=finding.detectable_ms,
        more_blocks=finding.more_blocks,
        own_share=own_share,
        api_processes=api_processes,
        slots_varied=slots,
        layout=layout,
    )


def _rows(frame: pd.DataFrame, kind: type[Row]) -> tuple[Row, ...]:
    """Return a table's rows; what is missing is None."""
    there = frame[list(kind.model_fields)].astype(object)
    rows = there.where(frame.notna(), None).to_dict("records")
    return tuple(kind.model_validate(row) for row in rows)
