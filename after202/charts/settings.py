"""What settings buy: jobs lost, stuck, failed and done twice, by variant, under the same faults.

Only faults that all variants of a strategy met are counted. Hatched bars are work that the queue
still held at the end; a job done twice is done, but must not mind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from after202.charts import arms, conditions, legend, marks, palette, rows
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import opening, variant
from after202.records.trial import SHAPES

# What is counted: the table's column, the colour, whether it is hatched, and the word.
KINDS = (
    ("lost", palette.LOST, False, "lost"),
    ("stranded", palette.STUCK, True, "stuck"),
    ("failed_visibly", palette.STUCK, False, "failed"),
    ("duplicated", palette.TWICE, True, "twice"),
)
UNDONE = ("lost", "stranded", "failed_visibly")
NO_FAULT, PRESSED = "F0", SHAPES
MARGIN, BAR = 16, 18


@dataclass(frozen=True)
class Row:
    """A variant's counts by column, over some faults."""

    strategy: str
    variant: str
    counts: dict[str, int]
    accepted: int
    faults: int

    @property
    def undone(self) -> int:
        """How many accepted jobs were not done."""
        return sum(self.counts[name] for name in UNDONE)

    @property
    def share(self) -> float:
        """The share of the accepted jobs that was not done."""
        return self.undone / max(self.accepted, 1)

    @property
    def told(self) -> str:
        """Its counts in words."""
        parts = (f"{self.counts[c]} {word}" for c, _, _, word in KINDS if self.counts[c])
        return ", ".join(parts) or "all done once"


def draw(tables: Tables) -> Chart | None:
    """Draw a bar per variant of each strategy that has more than one."""
    found = [row for strategy in _strategies(tables) for row in compared(tables, strategy)]
    if not found:
        return None
    said = title(found)
    return drawn("settings", said, alt(found, said), lambda canvas: _paint(canvas, found))


def _strategies(tables: Tables) -> list[str]:
    """Return the queues, whose settings decide; all strategies where there is no queue."""
    every = tables.sorted(conditions.arms(tables.completion)["strategy"])
    return [name for name in every if tables.is_queue(name)] or every


def compared(tables: Tables, strategy: str) -> list[Row]:
    """Return a strategy's variants over the faults that all of them met; none if it has one."""
    mine = tables.completion[tables.completion["strategy"] == strategy]
    mine = mine[~mine["fault"].isin([NO_FAULT, *PRESSED]) & (mine["unseen"] == 0)]
    there = {name: frame.set_index(["fault", "broker"]) for name, frame in mine.groupby("variant")}
    names = sorted(there, key=lambda name: arms.variant_order(str(name)))
    common = [key for key in mine.set_index(["fault", "broker"]).index.unique()
              if all(key in frame.index for frame in there.values())]  # fmt: skip
    if len(names) == 1 or not common:
        return []
    return [_row(tables.label(strategy), str(name), there[name].loc[common]) for name in names]


def _row(label: str, name: str, frame: pd.DataFrame) -> Row:
    counts = {column: int(frame[column].sum()) for column, *_ in KINDS}
    return Row(label, name, counts, int(frame["accepted"].sum()), len(frame))


def title(found: Sequence[Row]) -> str:
    """Say what the best variant of each strategy left undone, beside the default."""
    if not any(row.undone for row in found):
        return "All accepted work was done with every variant's settings"
    return opening("; ".join(_gains(found)))


def _gains(found: Sequence[Row]) -> Iterator[str]:
    for strategy in dict.fromkeys(row.strategy for row in found):
        default, *others = [row for row in found if row.strategy == strategy]
        best = min(others, key=lambda row: (row.share, row.counts["duplicated"]))
        left = f"default {strategy} {_left(default)}"
        if not default.undone:
            yield f"default {strategy} left nothing undone"
        elif best.share < default.share:
            twice = best.counts["duplicated"]
            price = f" and did {twice} twice" if twice else ""
            yield f"{variant(best.variant)} {strategy} left {_left(best)} undone{price}, {left}"
        else:
            yield f"no settings of {strategy} left less undone than the default's {_left(default)}"


def _left(row: Row) -> str:
    return f"{row.undone} of {row.accepted}" if row.undone else "nothing"


def alt(found: Sequence[Row], said: str) -> str:
    """Return every count, with how many jobs and faults it is of."""
    rows_said = (
        f"{row.strategy}, {variant(row.variant)}: {row.told}, of {row.accepted} accepted under"
        f" {row.faults} faults"
        for row in found
    )
    return f"{said}. {'. '.join(rows_said)}."


def _paint(canvas: Canvas, found: Sequence[Row]) -> None:
    entries = [
        Entry(word, colour=colour, hatched=hatched)
        for column, colour, hatched, word in KINDS
        if any(row.counts[column] for row in found)
    ]
    top = legend.height(canvas, entries) + 8
    canvas.size(top + rows.height(canvas, len(found)) + 8)
    legend.write(canvas, 0, entries)
    names = [(row.strategy, variant(row.variant)) for row in found]
    widest = canvas.wide_as([row.told for row in found], weight="bold")
    grid = rows.lay_out(canvas, names, top, margin=widest + MARGIN)
    most = max(sum(row.counts.values()) for row in found) or 1
    grid.axes.set(xlim=(0, most), xticks=[])
    for y, row in zip(grid.ys, found, strict=True):
        end = _bars(canvas, grid, y, row)
        across, _ = canvas.at(grid.axes, end, y)
        colour = next((c for column, c, *_ in KINDS if row.counts[column]), palette.DONE)
        look = {"weight": "bold", "color": colour}
        if canvas.narrow:
            canvas.text(
                canvas.width - 4, grid.above(grid.ys.index(y)), row.told, ha="right", **look
            )
        else:
            canvas.text(across + 8, grid.top + y + 4.5, row.told, **look)


def _bars(canvas: Canvas, grid: rows.Grid, y: float, row: Row) -> float:
    left = 0.0
    for column, colour, hatched, word in KINDS:
        count = row.counts[column]
        if count:
            patch = marks.bar(grid.axes, (left, count), y, BAR, (colour, hatched))
            canvas.tip(patch, f"{row.strategy}, {variant(row.variant)}: {count} {word}")
            left += count
    return left
