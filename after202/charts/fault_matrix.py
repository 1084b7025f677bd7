"""What became of the accepted work under each fault: the share of jobs, by what became of them.

A dot means that the fault was not tried or cannot hit the strategy, which has no worker or no
broker. Stuck jobs are not lost: their queue still held them when the drain closed. An open cell
holds no episode that is evidence, or no accepted job.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from after202.analyse.trials.episode import EpisodeSummary, horizons
from after202.charts import arms, legend, marks, palette, rows
from after202.charts.canvas import SMALL, Canvas
from after202.charts.chart import Chart
from after202.charts.classes import KINDS, counted, entries
from after202.charts.drawing import drawn
from after202.charts.tables import Tables
from after202.charts.wording import spoken
from after202.records.experiment import Arm
from after202.records.trial import NOT_DURABLE

EXPERT = True
SHORT = {NOT_DURABLE: "none", "save points": "save", "AOF everysec": "AOF 1s", "AOF always": "AOF"}
BAR, BAR_TALL, TURNED, PLAIN = 0.84, 20, 74, 24
BAD = ("failed", "stuck", "lost")
Column = tuple[str, str]


@dataclass(frozen=True)
class Matrix:
    """Episodes by arm and column: a fault, with what the broker writes if that varied."""

    names: list[rows.Name]
    columns: list[Column]
    cells: dict[tuple[int, int], Counter[str]]


def draw(tables: Tables) -> Chart | None:
    """Draw a row per strategy and variant."""
    episodes = [e for e in tables.run.episodes if e.known] if tables.run else []
    if not episodes:
        return None
    found = _matrix(tables, episodes)
    said = title(found)
    text = f"{said}. {horizons(episodes).capitalize()}. {_told(found)}"
    return drawn("fault_matrix", said, text, lambda canvas: _paint(canvas, found))


def _matrix(tables: Tables, episodes: Sequence[EpisodeSummary]) -> Matrix:
    order = arms.ordered(tables, (_arm(e) for e in episodes))
    varied = _varied(episodes)
    keys = {_column(e, varied) for e in episodes}
    columns = sorted(keys, key=lambda c: (c[0], [*SHORT, c[1]].index(c[1])))
    cells: dict[tuple[int, int], Counter[str]] = {}
    for episode in episodes:
        place = order.index(_arm(episode)), columns.index(_column(episode, varied))
        cells.setdefault(place, Counter()).update(counted(episode.classes))
    return Matrix([arms.name(tables, arm) for arm in order], columns, cells)


def _arm(episode: EpisodeSummary) -> Arm:
    """Return who was hit; the load differs between faults."""
    load = {"workload": "", "rate_per_s": 0.0}
    return episode.record.trial.arm.model_copy(update=load)


def _varied(episodes: Sequence[EpisodeSummary]) -> set[str]:
    """Return the faults that were tried with more than one kind of durability."""
    kinds: dict[str, set[str]] = {}
    for episode in episodes:
        kinds.setdefault(episode.planned.fault, set()).add(episode.planned.durability)
    return {fault for fault, found in kinds.items() if len(found - {NOT_DURABLE}) > 1}


def _column(episode: EpisodeSummary, varied: set[str]) -> Column:
    planned = episode.planned
    return planned.fault, planned.durability if planned.fault in varied else ""


def title(found: Matrix) -> str:
    """Say in how many of the cells all accepted work was done."""
    whole = sum(not any(kinds[kind] for kind in BAD) for kinds in found.cells.values())
    return f"All accepted work was done in {whole} of {len(found.cells)} pairs of variant and fault"


def _told(found: Matrix) -> str:
    parts = []
    for (row, column), kinds in sorted(found.cells.items()):
        bad = ", ".join(f"{kinds[kind]} {kind}" for kind in BAD if kinds[kind])
        if bad:
            name = ", ".join(filter(None, found.names[row]))
            parts.append(f"{name}, {' '.join(filter(None, found.columns[column]))}: {bad}")
    return f"Not done: {'; '.join(parts)}." if parts else ""


def _paint(canvas: Canvas, found: Matrix) -> None:
    shown = entries(found.cells.values())
    turned = any(kept for _, kept in found.columns)
    top = legend.height(canvas, shown) + (TURNED if turned else PLAIN)
    canvas.size(top + rows.height(canvas, len(found.names)) + 6)
    legend.write(canvas, 0, shown)
    grid = rows.lay_out(canvas, found.names, top, margin=4, narrow_margin=4)
    grid.axes.set(xlim=(-0.5, len(found.columns) - 0.5), xticks=[])
    for number, (fault, kept) in enumerate(found.columns):
        x, _ = canvas.at(grid.axes, number, 0)
        text = f"{fault} {SHORT.get(kept, spoken(kept))}" if kept else fault
        look = {"rotation": 90, "rotation_mode": "anchor"} if turned else {"ha": "center"}
        shift = 4 if turned else 0
        canvas.text(x + shift, top - 5, text, size=SMALL - 1, color=palette.MUTED, **look)
    for row, y in enumerate(grid.ys):
        for column in range(len(found.columns)):
            _cell(grid.axes, column, y, found.cells.get((row, column)))


def _cell(axes: Axes, column: int, y: float, kinds: Counter[str] | None) -> None:
    if kinds is None:
        marks.put(axes, "refused", [(column, y)], 5)
        return
    left = column - BAR / 2
    if not kinds.total():
        corner = (left, y - BAR_TALL / 2)
        axes.add_patch(Rectangle(corner, BAR, BAR_TALL, fill=False, edgecolor=palette.MUTED))
    for kind, look_of in KINDS.items():
        wide = BAR * kinds[kind] / max(kinds.total(), 1)
        if wide:
            marks.bar(axes, (left, wide), y, BAR_TALL, look_of.fill)
            left += wide
