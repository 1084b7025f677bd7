"""The capacity of each strategy at the level of service."""

from after202.analyse.report.blocks import Section, Text, table
from after202.analyse.report.sections import Reported
from after202.analyse.report.sections.glance import MISSING
from after202.analyse.trials.probe import Capacity

PLACE = 40
COLUMNS = (
    "strategy", "kept at", "missed at", "CPU per job", "generator's CPU per request", "probes",
)  # fmt: skip
EXPLAINED = (
    "The highest rate that kept the level of service in most tries, and the lowest that did not."
    " The level: {level}. The layout: {layout}. CPU per job and per request are medians over the"
    " probes within 6 % of the highest rate kept. A request is the same work for the generator in"
    " every run: if its CPU time differs between runs, the machine's speed differed, and the"
    " capacity moves by as much."
)


def section(reported: Reported) -> Section | None:
    """Return a row per arm."""
    level = reported.run.record.profile.level
    if not reported.run.capacities or level is None:
        return None
    rows = [_row(found) for found in reported.run.capacities]
    layout = reported.run.capacities[0].arm.layout
    caption = f"kept in most tries: {level.label} ({layout})"
    return Section(
        "Capacity",
        (Text(EXPLAINED.format(level=level.label, layout=layout)), table(COLUMNS, rows)),
        terminal=(table(COLUMNS, rows, caption=caption),),
    )


def _row(found: Capacity) -> tuple[str, ...]:
    low = "below what was tried" if found.low_per_s is None else f"{found.low_per_s:.3g}/s"
    high = "above what was tried" if found.high_per_s is None else f"{found.high_per_s:.3g}/s"
    job, request = _ms(found.cpu_ms), _ms(found.generator_ms)
    return found.arm.label, low, high, job, request, str(len(found.probes))


def _ms(value: float | None) -> str:
    return MISSING if value is None else f"{value:.3g} ms"
