"""Every time that was measured: p50 and p90 with their intervals, by load and strategy."""

from collections.abc import Iterator

from after202.analyse import marks
from after202.report.blocks import Cell, Fold, Text, table
from after202.report.facts.tables import Row, condition_of
from after202.report.numbers import in_ms
from after202.report.sections import Reported

PLACE = 20
METRICS = {
    "response": "answers", "completion": "is done", "start": "work starts",
    "bystander_response": "others answered",
}  # fmt: skip
MISSING, NEVER = "-", "never"
EXPLAINED = (
    "In ms since a request was due, over valid trials; a p90 takes 30 requests in a window. Never:"
    " requests that were refused, or work that was not done."
)


def fold(reported: Reported) -> Fold | None:
    """Return a row per strategy, load and metric; None if no times were measured."""
    rows = list(_rows(reported))
    if not rows:
        return None
    legend = marks.legend(reported.run)
    explained = Text(f"{EXPLAINED}{f' {legend}.' if legend else ''}", "small")
    shown = table(("Strategy", "What", "p50, ms", "p90, ms", "Trials"), rows, 2)
    return Fold("Times", (explained, shown), "p50 and p90 with 95 % intervals")


def _rows(reported: Reported) -> Iterator[list[Cell]]:
    names = reported.facts.names
    every: dict[tuple[object, ...], dict[float, Row]] = {}
    for row in reported.facts.tables.rows("latency"):
        if row["metric"] in METRICS:
            key = f"{row['strategy']} {row['variant']}", condition_of(row), row["metric"]
            every.setdefault(key, {})[row["quantile"]] = row
    for (_, _, metric), found in every.items():
        middle = found[0.5]
        name, _, copy = middle["strategy"].partition("#")
        arm = f"{name} {middle['variant']}{f'#{copy}' if copy else ''}"
        mark = f" {marks.ONE_TRIAL}" if middle["trials"] == 1 else ""
        yield [
            Cell(f"{names.arm(arm)}{mark}", notes=(names.condition(condition_of(middle)),)),
            Cell(METRICS[str(metric)]),
            _time(middle),
            _time(found.get(0.9)),
            Cell(str(middle["trials"])),
        ]


def _time(row: Row | None) -> Cell:
    if row is None or row["estimate_ms"] is None:
        return Cell(MISSING)
    shown = in_ms(row["estimate_ms"]) if row["estimate_ms"] < float("inf") else NEVER
    if row["low_ms"] is None:
        return Cell(shown)
    return Cell(shown, notes=(f"{in_ms(row['low_ms'])} to {in_ms(row['high_ms'])}",))
