"""What each strategy did with more work than it can do: overloads, bursts, backlogs and prefills.

It is part of the section on load.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from after202 import charts
from after202.analyse import tables
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.statistics.quantiles import quantiles
from after202.analyse.trials.pressure import PressureSummary
from after202.charts import (
    pressure_backlog,
    pressure_burst,
    pressure_overload,
    pressure_prefill,
)  # fmt: skip
from after202.records.trial import Pressure
from after202.report.blocks import Block, Fold, Heading, Items, Text, table
from after202.report.facts.names import Names
from after202.report.sections import Reported

COLUMNS = ("strategy", "offered", "answer p50", "p90", "accepted", "ping p90")
LAST = {
    "overload": ("waiting at the end", "recovered after"),
    "burst": ("all done after", "jobs/s", "order"),
    "backlog": ("wait p50", "longest", "overtaken"),
    "prefill": ("begun after", "drained after", "jobs/s", "order"),
}
NAMES = {
    "overload": ("backlog_at_end", "recovery_s"),
    "burst": ("all_done_s", "done_per_s", "order_tau"),
    "backlog": ("wait_p50_ms", "wait_longest_ms", "overtaken_most"),
    "prefill": ("begun_s", "drained_s", "done_per_s", "order_tau"),
}
UNITS = {"ms": " ms", "s": " s"}
EXPLAINED = (
    "Medians over the trials, with the lowest and the highest. Answers and shares are those of the"
    " requests that fell due under pressure; a refused request is infinitely late. Recovered: how"
    " long after the overload the backlog is as small as before it. Order: Kendall's tau of the"
    " order in which jobs were due and done; 1 is first come, first served. Overtaken: jobs of the"
    " backlog that had not begun when a later job began, at most. Begun and drained: from the start"
    " of the worker until the first job began, and until the last was done. No differences are"
    " tested here."
)
SHAPES: tuple[Any, ...] = (pressure_burst, pressure_overload, pressure_backlog, pressure_prefill)
NEVER, MISSING = "never", "-"
# Jobs that are done at this share of the rate at which they came did not wait.
AS_FAST = 0.95
BAD = (
    OutcomeClass.LOST, OutcomeClass.STRANDED, OutcomeClass.DUPLICATED, OutcomeClass.FAILED_VISIBLY,
    OutcomeClass.UNSEEN,
)  # fmt: skip


def blocks(reported: Reported) -> Iterator[Block]:
    """Yield a sentence per arm for each pressure, its chart, and a table of its figures, folded.

    A chart has all the work that one shape of pressure was made of, and stands with the first.
    """
    names = reported.facts.names
    drawings = {one.name: one for one in reported.charts}
    for title, arms in _groups(reported.run, names).items():
        shape = arms[0][0].planned.shape
        yield Heading(title)
        yield Items(tuple(sentence(found, names) for found in arms))
        if drawing := drawings.pop(f"pressure_{shape}", None):
            yield drawing
        columns = (*COLUMNS, *LAST[shape])
        figures = table(columns, [_row(found, names) for found in arms], 1)
        yield Fold("Figures", (Text(EXPLAINED, "small"), figures), title)
    if missing := sorted(map(names.arm, _without_overload(reported.run))):
        yield Text(f"No capacity was seen, and so no overload: {', '.join(missing)}.")


def findings(run: Run, drawn: charts.Tables) -> Iterator[str]:
    """Yield what each shape's chart shows, and what became of arms that did not do everything."""
    for chart in SHAPES:
        if found := chart.groups(drawn):
            yield f"{chart.title(found)}."
    names = Names(run.record)
    for title, arms in _groups(run, names).items():
        for found in filter(_is_short_of_all, arms):
            yield f"{title}: {sentence(found, names)}."


def _is_short_of_all(found: list[PressureSummary]) -> bool:
    """Whether requests were refused, or jobs not done once."""
    refused = min(_values(found, "accepted_share"), default=0.0) < 1
    return refused or any(one.classes.get(name) for one in found for name in BAD)


def _groups(run: Run, names: Names) -> dict[str, list[list[PressureSummary]]]:
    """Return the valid trials of each arm, by what it was under."""
    groups: dict[str, list[list[PressureSummary]]] = {}
    for found in tables.under_pressure(run).values():
        groups.setdefault(_title(found[0].planned, names), []).append(found)
    return groups


def _title(planned: Pressure, names: Names) -> str:
    """Say what is under pressure, and by what; the rate may differ between arms."""
    work = names.workload(planned.arm.workload)
    if planned.shape == "overload":
        return f"Overload: {work} for {planned.pressed.for_s:g} s"
    pressed = f"{planned.pressed_jobs} × {names.workload(planned.pressed.workload)}"
    if planned.shape == "prefill":
        return f"Prefill: {pressed} enqueued before the worker starts"
    within = f"{pressed} within {planned.pressed.for_s:g} s"
    return f"Burst: {within}" if planned.shape == "burst" else f"Backlog: {work} behind {within}"


def _without_overload(run: Run) -> set[str]:
    """Return the arms that the profile overloads, but whose capacity no valid trial showed."""
    plans = (one for one in run.record.profile.pressure if one.shape == "overload")
    planned = [one for one in run.record.planned if isinstance(one, Pressure)]
    overloaded = {one.arm.label for one in planned if one.shape == "overload"}
    return {one.arm.label for one in planned} - overloaded if any(plans) else set()


def _row(found: list[PressureSummary], names: Names) -> list[str]:
    common = ("response_p50_ms", "response_p90_ms", "accepted_share", "bystander_p90_ms")
    every = (*common, *NAMES[found[0].planned.shape])
    rate = f"{found[0].planned.pressed.rate_per_s:.3g}/s"
    return [names.arm(found[0].planned.arm.label), rate, *(_cell(found, name) for name in every)]


def _cell(found: list[PressureSummary], name: str) -> str:
    values = _values(found, name)
    if not values:
        return MISSING
    middle = _number(name, _median(values))
    low, high = _number(name, min(values)), _number(name, max(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def _values(found: list[PressureSummary], name: str) -> list[float]:
    return [one.figures[name] for one in found if name in one.figures]


def _median(values: list[float]) -> float:
    return quantiles(np.array(values), (0.5,))[0]


def _number(name: str, value: float) -> str:
    if math.isinf(value):
        return NEVER
    if name.endswith("_share"):
        return f"{value:.0%}"
    unit = UNITS.get(name.rsplit("_", 1)[-1], "") if not name.endswith("per_s") else ""
    return f"{value:,.0f}{unit}" if value >= 100 else f"{value:.3g}{unit}"


def sentence(found: list[PressureSummary], names: Names) -> str:
    """Put what an arm did under one pressure into a sentence."""
    return "".join(_parts(found, names))


def _parts(found: list[PressureSummary], names: Names) -> Iterator[str]:
    planned = found[0].planned
    share = min(_values(found, "accepted_share"), default=0.0)
    answered = "accepted all requests" if share == 1 else f"accepted {share:.0%} of the requests"
    yield f"{names.arm(planned.arm.label)} {answered}, "
    match planned.shape:
        case "overload":
            waiting = _cell(found, "backlog_at_end")
            yield f"had {waiting} of its jobs left when the overload ended, and {_recovery(found)}"
        case "burst":
            done = _median(_values(found, "all_done_s"))
            yield (
                "and never did all of their jobs"
                if math.isinf(done)
                else f"and had done their jobs after {_cell(found, 'all_done_s')}"
            )
            rate_per_s = _median(_values(found, "done_per_s") or [0.0])
            if rate_per_s >= AS_FAST * planned.pressed.rate_per_s:
                yield ", as fast as they came: its capacity is higher"
        case "prefill":
            drained = _median(_values(found, "drained_s") or [math.inf])
            yield (
                "and never did all of them once its worker had started"
                if math.isinf(drained)
                else f"and had done them {_cell(found, 'drained_s')} after its worker started"
            )
        case "backlog":
            longest = _cell(found, "wait_longest_ms")
            yield f"and let a later job wait for {longest} at most"
    bad = {str(name): sum(one.classes.get(name, 0) for one in found) for name in BAD}
    listed = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in bad.items() if count)
    yield f"; {listed}" if listed else ""
    late = sum(one.record.late for one in found)
    yield f"; the generator was late in {late} of {len(found)}" if late else ""
    yield " (one trial)" if len(found) == 1 else ""


def _recovery(found: list[PressureSummary]) -> str:
    median_s = _median(_values(found, "recovery_s"))
    if math.isinf(median_s):
        return f"did not recover within {found[0].planned.watched_s:g} s"
    return f"needed {_cell(found, 'recovery_s')} to recover"
