"""The search for the capacity of each strategy. It is part of the section on load."""

from after202.analyse.trials.probe import Capacity
from after202.report.blocks import Fold, Text, table
from after202.report.facts.names import Names
from after202.report.sections import Reported

MISSING = "-"
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


def fold(reported: Reported) -> Fold | None:
    """Return a row per strategy and variant."""
    level = reported.run.record.profile.level
    if not reported.run.capacities or level is None:
        return None
    rows = [_row(found, reported.facts.names) for found in reported.run.capacities]
    layout = reported.run.capacities[0].arm.layout
    explained = EXPLAINED.format(level=level.label, layout=layout)
    return Fold("The search", (Text(explained, "small"), table(COLUMNS, rows, 1)))


def _row(found: Capacity, names: Names) -> tuple[str, ...]:
    kept = "below what was tried" if found.kept_per_s is None else f"{found.kept_per_s:.3g}/s"
    missed = "above what was tried" if found.missed_per_s is None else f"{found.missed_per_s:.3g}/s"
    job, request = _ms(found.cpu_ms), _ms(found.generator_ms)
    probes = str(len(found.probes))
    return names.arm(found.arm.label), *_curve(found), kept, missed, job, request, probes


def _curve(found: Capacity) -> tuple[str, str]:
    if found.curve is None:
        return MISSING, MISSING
    low, high = found.curve.low_per_s, found.curve.high_per_s
    return f"{found.curve.half_per_s:.3g}/s", f"{low:.3g} to {high:.3g}/s"


def _ms(value: float | None) -> str:
    return MISSING if value is None else f"{value:.3g} ms"
