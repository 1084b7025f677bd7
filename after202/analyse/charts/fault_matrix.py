"""What became of the accepted work under each fault: the share of jobs in each outcome class.

Stranded jobs are not lost: their queue still held them when the drain closed, at the horizon given
in the table of episodes. A dot means that the fault was not tried or cannot hit the strategy, which
has no worker or no broker. Small numbers give the episodes that are evidence, if not all are.
"""

from collections import Counter

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from after202.analyse.charts.completion_classes import COLOURS
from after202.analyse.run import Run
from after202.analyse.trials.episode import EpisodeSummary, horizons
from after202.records.trial import NOT_DURABLE

COLUMN, ROW, BAR = 0.52, 0.42, 0.72
LEFT, LEAST_WIDTH = 2.4, 9.0
SHORT = {
    NOT_DURABLE: "none",
    "save points": "save",
    "AOF everysec": "AOF 1s",
    "AOF always": "AOF",
}
Column = tuple[str, str | None]


def draw(run: Run) -> Figure | None:
    """Draw a row per strategy and variant, a column per fault, and per durability if it varies."""
    if not run.episodes:
        return None
    rows = sorted({e.record.trial.arm.label for e in run.episodes})
    varied = _varied(run)
    columns = sorted({_column(e, varied) for e in run.episodes}, key=lambda c: (c[0], _order(c[1])))
    width = max(LEAST_WIDTH, LEFT + COLUMN * len(columns))
    figure = Figure(figsize=(width, ROW * len(rows) + 1.7), layout="constrained")
    axes = figure.subplots()
    cells: dict[tuple[int, int], list[EpisodeSummary]] = {}
    for episode in run.episodes:
        place = rows.index(episode.record.trial.arm.label), columns.index(_column(episode, varied))
        cells.setdefault(place, []).append(episode)
    for row in range(len(rows)):
        for column in range(len(columns)):
            _cell(axes, row, column, cells.get((row, column), []))
    _frame(axes, rows, columns)
    axes.set_xlabel(horizons(run.episodes), fontsize=7)
    handles = [Patch(color=colour) for colour in COLOURS.values()]
    names = [str(name).replace("_", " ") for name in COLOURS]
    figure.legend(handles, names, loc="outside lower center", ncols=len(COLOURS), frameon=False)
    return figure


def _varied(run: Run) -> set[str]:
    """Return the faults that were tried with more than one kind of durability."""
    kinds: dict[str, set[str]] = {}
    for episode in run.episodes:
        planned = episode.planned
        kinds.setdefault(planned.fault, set()).add(planned.durability)
    return {fault for fault, found in kinds.items() if len(found - {NOT_DURABLE}) > 1}


def _column(episode: EpisodeSummary, varied: set[str]) -> Column:
    planned = episode.planned
    return planned.fault, planned.durability if planned.fault in varied else None


def _order(durability: str | None) -> tuple[int, str]:
    """Return a durability's sort key: known ones first, from the least to the most durable."""
    known = list(SHORT)
    if durability is None:
        return -1, ""
    return known.index(durability) if durability in known else len(known), durability


def _cell(axes: Axes, row: int, column: int, episodes: list[EpisodeSummary]) -> None:
    if not episodes:
        axes.text(column, row, "·", ha="center", va="center", color="#999")
        return
    counts = sum((Counter(e.classes) for e in episodes), Counter[str]())
    total = sum(counts[name] for name in COLOURS)
    left = column - BAR / 2
    for name, colour in COLOURS.items():
        share = counts[name] / total if total else 0.0
        axes.barh(row, share * BAR, left=left, color=colour, height=BAR)
        left += share * BAR
    shown = sum(episode.known for episode in episodes)
    if not total:
        axes.text(column, row, "none\naccepted", ha="center", va="center", fontsize=5)
    elif shown < len(episodes):
        text = f"{shown}/{len(episodes)}"
        axes.text(column, row + 0.47, text, ha="center", va="center", fontsize=5, color="#555")


def _frame(axes: Axes, rows: list[str], columns: list[Column]) -> None:
    names = [f"{fault}\n{SHORT.get(kept, kept)}" if kept else fault for fault, kept in columns]
    axes.set_xticks(range(len(columns)), names, fontsize=8)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("bottom")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlim(-0.6, len(columns) - 0.4)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
