"""Every request around a kill, in one episode: what became of the job that it asked for.

Each mark stands where its request was due. The shaded span is the time until the part that was
killed was back. All strategies have their default settings here; how often each loses work is in
the table of episodes.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from after202.charts import legend, marks, palette, rows
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.marks import COLOUR, MARK, SAID
from after202.charts.strips import Strip
from after202.charts.tables import Tables
from after202.charts.wording import (
    API_CRASH,
    KILLED,
    WORKER_CRASH,
    is_or_are,
    listed,
    opening,
)

HEADING, FOOT, MARGIN = 30, 44, 126
MOST = 2
BAD = ("lost", "stuck", "failed")
Panel = tuple[str, list[Strip]]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel for each of the two most telling faults, a row per strategy."""
    found = panels(tables)
    if not found:
        return None
    said = ". ".join(title(tables, fault, mine) for fault, mine in found)
    text = alt(tables, found, said)
    return drawn("job_by_job", said, text, lambda canvas: _paint(canvas, tables, found))


def panels(tables: Tables) -> list[Panel]:
    """Return the faults to draw with the strategies' episodes, in their order."""
    there = list(dict.fromkeys(strip.fault for strip in tables.strips if strip.jobs))
    chosen = [fault for fault in (API_CRASH, WORKER_CRASH) if fault in there] or there[:MOST]
    strips = sorted(tables.strips, key=lambda strip: tables.order(strip.strategy))
    return [(fault, [strip for strip in strips if strip.fault == fault]) for fault in chosen]


def when(tables: Tables, fault: str) -> str:
    """Return a fault in words, as they read within a sentence."""
    return KILLED.get(fault) or tables.fault(fault)


def bad(strip: Strip) -> list[tuple[str, int]]:
    """Return how many jobs of an episode are lost, stuck and failed, without those of none."""
    counts = {mark: sum(MARK.get(name) == mark for _, name in strip.jobs) for mark in BAD}
    return [(mark, count) for mark, count in counts.items() if count]


def title(tables: Tables, fault: str, mine: Sequence[Strip]) -> str:
    """Say who finished all that they accepted, and what the others did not."""
    whole = [tables.name(strip.strategy) for strip in mine if not bad(strip)]
    others = [f"{tables.name(strip.strategy)} {_told(strip)}" for strip in mine if bad(strip)]
    if not others:
        everyone = "every strategy" if len(mine) > 1 else whole[0]
        return opening(f"when {when(tables, fault)}, {everyone} finishes what it accepted")
    kept = is_or_are(whole, "loses", "lose") + " nothing, " if whole else ""
    return opening(f"when {when(tables, fault)}, {kept}{listed(others)}")


def _told(strip: Strip) -> str:
    """Return what an episode left undone: loses 2 and leaves 3 stuck."""
    counts = dict(bad(strip))
    loses = [f"loses {counts.pop('lost')}"] if "lost" in counts else []
    leaves = listed(f"{count} {mark}" for mark, count in counts.items()) if counts else ""
    return listed([*loses, *([f"leaves {leaves}"] if leaves else [])])


def alt(tables: Tables, found: Sequence[Panel], said: str) -> str:
    """Return how many jobs of each strategy ended in which way."""
    sentences = (
        f"{opening(when(tables, fault))}, {tables.name(strip.strategy)},"
        f" {len(strip.jobs)} requests: "
        + ", ".join(f"{count} {SAID[mark]}" for mark, count in _counted(strip))
        for fault, mine in found
        for strip in mine
    )
    return f"{said}. One episode each. {'. '.join(sentences)}."


def _counted(strip: Strip) -> Iterator[tuple[str, int]]:
    for mark in SAID:
        count = sum(MARK.get(name) == mark for _, name in strip.jobs)
        if count:
            yield mark, count


def _paint(canvas: Canvas, tables: Tables, found: Sequence[Panel]) -> None:
    there = {MARK.get(name) for _, mine in found for s in mine for _, name in s.jobs}
    entries = [Entry(text, mark) for mark, text in SAID.items() if mark in there]
    top = legend.height(canvas, entries) + 2
    tall = sum(HEADING + FOOT + rows.height(canvas, len(mine)) for _, mine in found)
    canvas.size(top + tall)
    legend.write(canvas, 0, entries)
    for fault, mine in found:
        text = opening(when(tables, fault))
        canvas.text(2, top + 20, text, weight="bold", color=palette.LOST)
        _panel(canvas, tables, mine, top + HEADING)
        top += HEADING + FOOT + rows.height(canvas, len(mine))


def _panel(canvas: Canvas, tables: Tables, mine: Sequence[Strip], top: float) -> None:
    names = [rows.named(tables.name(strip.strategy), "documented") for strip in mine]
    grid = rows.lay_out(canvas, names, top, margin=MARGIN)
    due = [at_s for strip in mine for at_s, _ in strip.jobs]
    low, high = min(due) - 0.15, max(due) + 0.15
    grid.axes.set_xlim(low, high)
    ticks = range(int(np.ceil(low)), int(high) + 1)
    step = -(-len(ticks) // (6 if canvas.narrow else 12))
    rows.axis(canvas, grid, [t for t in ticks if t % step == 0], "s since the kill, when due")
    grid.axes.axvline(0, color=palette.LOST, linewidth=1.6, zorder=2)
    size = _size(mine, (grid.right - grid.left) / (high - low))
    for y, strip in zip(grid.ys, mine, strict=True):
        for start, end in strip.downs:
            marks.band(grid.axes, (start, min(end, high)), y, 24)
        for mark, text in SAID.items():
            at = [at_s for at_s, name in strip.jobs if MARK.get(name) == mark]
            if at:
                tip = f"{tables.name(strip.strategy)}: {len(at)} {text}"
                small = size * 0.7 if mark == "refused" else size
                canvas.tip(marks.put(grid.axes, mark, [(at_s, y) for at_s in at], small), tip)
        _say(canvas, grid.top + y, strip)


def _size(mine: Sequence[Strip], pixels_per_s: float) -> float:
    """Return how wide marks may be without covering each other much."""
    gaps = [np.median(np.diff([at for at, _ in s.jobs])) for s in mine if len(s.jobs) > 1]
    return float(np.clip(min(gaps, default=1) * pixels_per_s * 0.85, 3.5, 11))


def _say(canvas: Canvas, y: float, strip: Strip) -> None:
    found = bad(strip)
    text = ", ".join(f"{count} {mark}" for mark, count in found) or "none lost"
    colour = COLOUR[found[0][0]] if found else palette.DONE
    down = -15 if canvas.narrow else 4.5
    look = {"weight": "bold", "color": colour, "ha": "right"}
    canvas.text(canvas.width - 4, y + down, text, **look)
