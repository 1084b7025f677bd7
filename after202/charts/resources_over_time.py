"""Processors kept busy by each role over time, in each arm's longest trial.

The processes are sampled from outside once a second, from just before the load to the end of the
drain; each dot is a sample. The cost of sampling is listed among the overheads.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from after202.analyse.run import Run
from after202.analyse.trials.comparison import ComparisonSummary
from after202.charts import arms, palette, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.records.requests import read_table

EXPERT = True
LEAST_SAMPLES = 3
DASHES = (0, (3, 1.5))
ROLES = {
    "api": (palette.INK, "-", "API"),
    "worker": (palette.ANSWER, DASHES, "worker (dashed)"),
    "broker": (palette.MUTED, (0, (1, 1.5)), "broker (dotted)"),
}
Busy = dict[str, tuple[np.ndarray, np.ndarray]]
Row = tuple[str, Busy]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm, for the first condition measured."""
    found = list(_rows(tables))
    if not found:
        return None
    said = title(found)
    each = "; ".join(f"{label} {_peak(busy):.1f}" for label, busy in found)
    text = f"{said}. Most processors busy in a second: {each}."
    return drawn("resources_over_time", said, text, lambda canvas: _paint(canvas, found))


def _rows(tables: Tables) -> Iterator[Row]:
    run = tables.run
    if run is None or not run.measured_conditions():
        return
    for arm in arms.ordered(tables, run.arms(run.measured_conditions()[0])):
        sampled = [trial for trial in run.of(arm) if _file(run, trial).exists()]
        if sampled:
            longest = max(sampled, key=lambda t: t.record.timing_s.get("total", 0.0))
            busy = dict(_busy(_file(run, longest)))
            if busy:
                yield arms.label(tables, arm), busy


def _file(run: Run, trial: ComparisonSummary) -> Path:
    return run.folder.trial(trial.record.trial.id).resources


def _busy(path: Path) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """Yield each role's processors kept busy, with the time (s) between two samples."""
    samples = read_table(path, None, None).to_pandas()
    samples["at_s"] = (samples["at_us"] - samples["at_us"].min()) / 1e6
    summed = samples.groupby(["role", "at_s"], as_index=False)[["cpu_s"]].sum()
    for role in ROLES:
        mine = summed[summed["role"] == role]
        if len(mine) >= LEAST_SAMPLES:
            at_s, cpu_s = mine["at_s"].to_numpy(), mine["cpu_s"].to_numpy()
            # The CPU time of a worker's dead child is missing until its parent has reaped it.
            share = np.maximum(np.diff(cpu_s) / np.diff(at_s), 0)
            yield role, ((at_s[1:] + at_s[:-1]) / 2, share)


def _peak(busy: Busy) -> float:
    return max(float(share.max()) for _, share in busy.values())


def title(found: Sequence[Row]) -> str:
    """Say which strategy keeps most of a processor busy."""
    label, busy = max(found, key=lambda row: _peak(row[1]))
    role = max(busy, key=lambda name: busy[name][1].max())
    said, share = "API" if role == "api" else role, f"{100 * _peak(busy):.0f} %"
    return f"The busiest part is the {said} of {label}, with {share} of a processor"


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    there = [role for role in ROLES if any(role in busy for _, busy in found)]
    entries = [Entry(ROLES[role][2], colour=ROLES[role][0]) for role in there]
    unit = "s since sampling began; processors busy"
    most = max(_peak(busy) for _, busy in found) or 1
    end = max(at[-1] for _, busy in found for at, _ in busy.values())
    titles = [label for label, _ in found]
    for axes, (_, busy) in zip(small.panels(canvas, titles, unit, entries), found, strict=True):
        for role, (at, share) in busy.items():
            colour, style, _ = ROLES[role]
            axes.plot(
                at, share, color=colour, linestyle=style, linewidth=1.8, marker="o", markersize=3.5
            )
        axes.set(xlim=(0, end), ylim=(0, 1.1 * most))
        small.ticks(axes, scale.linear(end, 5), scale.linear(most, 4))
