"""How soon a strategy answers, against how much of the accepted work is done after a kill.

Further left answers sooner, higher keeps more. A line joins the two kills of one strategy. All
strategies have their default settings here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from after202.charts import conditions, legend, marks, palette, placing, scale
from after202.charts.canvas import SMALL, Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import (
    API_CRASH,
    WORKER_CRASH,
    is_or_are,
    listed,
    ms,
    percent,
    times,
)

DONE = ["once", "late", "duplicated"]
SIZE = 13
LEFT, RIGHT, ABOVE, FOOT = 50, 14, 14, 46
TALL, STEP = 280, 0.25
UNIT, OTHER_RATE = "ms until the answer (median)", "; *: at another rate"
# Two answers within this ratio are equally soon, for the title.
ALIKE = 1.5


@dataclass(frozen=True)
class Kept:
    """How many of the accepted jobs were done, over some episodes."""

    done: int
    accepted: int
    episodes: int

    @property
    def share(self) -> float:
        """The share that was done."""
        return self.done / self.accepted


@dataclass(frozen=True)
class Point:
    """A strategy: its median answer (ms), and what it kept when each part was killed."""

    name: str
    answer_ms: float
    api: Kept | None
    worker: Kept | None

    @property
    def kept(self) -> list[Kept]:
        """What is known of both kills."""
        return [found for found in (self.api, self.worker) if found]

    @property
    def is_safe(self) -> bool:
        """Whether every accepted job was done."""
        return all(found.done == found.accepted for found in self.kept)


def draw(tables: Tables) -> Chart | None:
    """Draw a point per strategy and kill."""
    found = list(points(tables))
    if not found:
        return None
    return drawn("trade_off", title(found), alt(found), lambda canvas: _paint(canvas, found))


def points(tables: Tables) -> Iterator[Point]:
    """Yield the strategies whose answers and fates are both known, in their order."""
    mine = conditions.documented(tables.latency)
    mine = mine[mine["workload"] == conditions.lead(mine)]
    common = conditions.fullest(mine)
    for strategy in tables.sorted(mine["strategy"]):
        own = common[common["strategy"] == strategy]
        elsewhere = "" if len(own) else "*"
        if elsewhere:
            own = conditions.fullest(mine[mine["strategy"] == strategy])
        answer_ms = conditions.value(own, "response", 0.5)
        api, worker = (_kept(tables, strategy, fault) for fault in (API_CRASH, WORKER_CRASH))
        if answer_ms is not None and answer_ms < float("inf") and (api or worker):
            yield Point(tables.name(strategy) + elsewhere, answer_ms, api, worker)


def _kept(tables: Tables, strategy: str, fault: str) -> Kept | None:
    rows = conditions.documented(tables.completion)
    rows = rows[(rows["strategy"] == strategy) & (rows["fault"] == fault)]
    if not rows["accepted"].sum() or rows["unseen"].sum():
        return None
    done, accepted = rows[DONE].to_numpy().sum(), rows["accepted"].sum()
    return Kept(int(done), int(accepted), int(rows["episodes"].sum()))


def title(found: Sequence[Point]) -> str:
    """Say whether those who answer soonest keep what they accepted."""
    soonest_ms = min(point.answer_ms for point in found)
    soon = [point for point in found if point.answer_ms <= ALIKE * soonest_ms]
    both = [point.name for point in soon if point.is_safe]
    safe = [point for point in found if point.is_safe]
    who, verb = listed(point.name for point in soon), "answers" if len(soon) == 1 else "answer"
    if both:
        return f"{is_or_are(both, 'answers', 'answer')} soonest and finished all work after a kill"
    if not safe:
        return f"Nobody finished all accepted work after a kill; {who} {verb} soonest"
    least = min(point.answer_ms for point in safe)
    kept = min(k.share for point in soon for k in point.kept)
    return (
        f"{who} {verb} soonest but finished as little as {percent(kept)} of accepted work after a"
        f" kill; {listed(p.name for p in safe)} finished all, and"
        f" {'answers' if len(safe) == 1 else 'answer'} {times(least / soonest_ms)} as late or later"
    )


def alt(found: Sequence[Point]) -> str:
    """Return every number of the chart."""
    return f"{title(found)}. " + " ".join(_sentence(point) for point in found)


def _sentence(point: Point) -> str:
    told = [
        f"{one.done} of {one.accepted} accepted jobs done when {what} was killed"
        f" (episodes: {one.episodes})"
        for one, what in ((point.api, "the API"), (point.worker, "a worker"))
        if one
    ]
    return f"{point.name} answers in {ms(point.answer_ms)}: {', '.join(told)}."


def _paint(canvas: Canvas, found: Sequence[Point]) -> None:
    entries = _entries(found)
    top = legend.height(canvas, entries) + ABOVE
    canvas.size(top + TALL + FOOT)
    legend.write(canvas, 0, entries)
    axes = canvas.axes(LEFT, top, canvas.width - RIGHT, top + TALL)
    _frame(canvas, axes, found, top + TALL)
    taken = [placing.around(*pixel, SIZE + 3) for p in found for pixel in _mark(canvas, axes, p)]
    named = [placing.Point(*canvas.at(axes, p.answer_ms, p.kept[0].share), p.name) for p in found]
    placing.names(canvas, named, taken, (LEFT, top - ABOVE, canvas.width, top + TALL + 2))


def _frame(canvas: Canvas, axes: Axes, found: Sequence[Point], bottom: float) -> None:
    low, high = scale.limits([point.answer_ms for point in found], 2, 2)
    floor = min(kept.share for point in found for kept in point.kept)
    shares = [1 - n * STEP for n in range(5) if 1 - n * STEP > floor - STEP]
    axes.set(xscale="log", xlim=(low, high), ylim=(min(shares[-1], floor) - 0.04, 1.06))
    ticks = scale.logarithmic(low, high, 5 if canvas.narrow else 9)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks(shares, [f"{100 * share:.0f}%" for share in shares])
    axes.grid(color=palette.RULE, linewidth=1)
    unit = f"{UNIT}{OTHER_RATE}" if any(p.name.endswith("*") for p in found) else UNIT
    canvas.text(
        canvas.width - RIGHT, bottom + 36, unit, size=SMALL, color=palette.MUTED, ha="right"
    )


def _mark(canvas: Canvas, axes: Axes, point: Point) -> Iterator[tuple[float, float]]:
    """Draw a strategy's kills, and yield where they are."""
    shares = [kept.share for kept in point.kept]
    axes.plot([point.answer_ms] * len(shares), shares, color=palette.MUTED, linewidth=1.4, zorder=2)
    for mark, kept in (("other", point.worker), (_api_mark(point), point.api)):
        if kept:
            artist = marks.put(axes, mark, [(point.answer_ms, kept.share)], SIZE)
            canvas.tip(artist, f"{point.name}: {kept.done} of {kept.accepted} accepted jobs done")
            yield canvas.at(axes, point.answer_ms, kept.share)


def _api_mark(point: Point) -> str:
    return "done" if point.api and point.api.share == 1 else "lost"


def _entries(found: Sequence[Point]) -> list[Entry]:
    shown = {_api_mark(point) for point in found if point.api}
    kinds = {"done": "API killed: all done", "lost": "API killed: not all done"}
    entries = [Entry(text, mark) for mark, text in kinds.items() if mark in shown]
    return [*entries, *([Entry("worker killed", "other")] if any(p.worker for p in found) else [])]
