"""The capacity of each strategy at the level of service."""

from after202.analyse.trials.probe import Capacity
from after202.report.blocks import Section, Text, table
from after202.report.sections import Reported
from after202.report.sections.glance import MISSING

PLACE = 40
COLUMNS = (
    "strategy", "capacity", "95 % interval", "kept at", "missed at", "CPU per job",
    "generator's CPU per request", "probes",
)  # fmt: skip
EXPLAINED = (
    "The capacity is the rate at which the level of service is kept half of the time, from a"
    " response curve through all probes of this search; the machine of another hour may differ by"
    " more than the interval. The level: {level}. The layout: {layout}. Kept at and missed at are"
    " where the search ended: the highest rate kept in most tries, of which shares of capacity are"
    " taken, and the lowest missed. They are no interval. CPU per job and per request are medians"
    " over the probes within 6 % of the capacity. A request is the same work for the generator in"
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
    caption = f"capacity: kept half of the time: {level.label} ({layout})"
    return Section(
        "Capacity",
        (Text(EXPLAINED.format(level=level.label, layout=layout)), table(COLUMNS, rows)),
        terminal=(table(COLUMNS, rows, caption=caption),),
    )


def _row(found: Capacity) -> tuple[str, ...]:
    kept = "below what was tried" if found.kept_per_s is None else f"{found.kept_per_s:.3g}/s"
    missed = "above what was tried" if found.missed_per_s is None else f"{found.missed_per_s:.3g}/s"
    job, request = _ms(found.cpu_ms), _ms(found.generator_ms)
    return found.arm.label, *_curve(found), kept, missed, job, request, str(len(found.probes))


def _curve(found: Capacity) -> tuple[str, str]:
    if found.curve is None:
        return MISSING, MISSING
    low, high = found.curve.low_per_s, found.curve.high_per_s
    return f"{found.curve.half_per_s:.3g}/s", f"{low:.3g} to {high:.3g}/s"


def _ms(value: float | None) -> str:
    return MISSING if value is None else f"{value:.3g} ms"
