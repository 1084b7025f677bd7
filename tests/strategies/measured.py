"""What a run measured of one strategy: its times, and what became of its jobs in each fault."""

import csv
from collections.abc import Iterator
from pathlib import Path

from after202.records.folder import RunFolder
from after202.report import numbers
from tests.strategies import page

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
CLASSES = ("once", "late", "duplicated", "failed_visibly", "stranded", "lost", "unseen")
MEDIAN = 0.5

Row = dict[str, str]


def text(run: Path, strategy: str) -> str:
    """Return the part of a strategy's page that a run shows; empty if it shows nothing of it."""
    times = [row for row in _rows(run, "latency") if row["strategy"] == strategy]
    fates = [row for row in _rows(run, "completion") if row["strategy"] == strategy]
    if not times and not fates:
        return ""
    record = RunFolder(run).read()
    how = f"{record.stack} stack, {record.profile.slots} slots, {record.git_commit[:7]}"
    parts = [
        BEGIN,
        "## What was measured",
        f"In `{record.run}` ({how}).",
        *_speed(times),
        *_survival(fates),
        END,
    ]
    return "\n\n".join(parts)


def kept(before: str) -> str:
    """Return what an earlier page says was measured."""
    if BEGIN not in before:
        return ""
    return BEGIN + before.partition(BEGIN)[2].partition(END)[0] + END


def _rows(run: Path, name: str) -> list[Row]:
    path = run / "tables" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _speed(times: list[Row]) -> Iterator[str]:
    medians = [row for row in times if float(row["quantile"]) == MEDIAN]
    by_load: dict[tuple[str, ...], dict[str, str]] = {}
    for row in medians:
        load = (row["variant"], row["workload"], f"{float(row['rate_per_s']):g}/s")
        by_load.setdefault(load, {})[row["metric"]] = numbers.ms(float(row["estimate_ms"]))
    if not by_load:
        return
    yield "**Medians**: from due to the answer, and until all of the job's work is done."
    rows = [
        (*load, found.get("response", "–"), found.get("completion", "–"))
        for load, found in by_load.items()
    ]
    yield page.table(("variant", "workload", "load", "answered", "done"), rows)


def _survival(fates: list[Row]) -> Iterator[str]:
    if not fates:
        return
    yield (
        "**Accepted jobs**, by what became of them in each fault ([classes](../guarantees.md)). Few"
        " episodes show what can happen, not how often."
    )
    shown = [name for name in CLASSES if any(int(row[name] or 0) for row in fates)]
    named = ("fault", "variant", "broker", "episodes", "accepted", *shown)
    head = [("broker writes" if name == "broker" else name.replace("_", " ")) for name in named]
    yield page.table(head, ([row[name] for name in named] for row in fates))
