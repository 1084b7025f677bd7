"""How response and completion times grow with the offered load, from the search for capacity.

Each mark is a valid probe: open circles are answers, diamonds the end of the work, crosses probes
that missed the level of service. The dotted lines are its two limits; what took more than three
times the limit is drawn there. The shaded band is the 95 % interval of the capacity.
"""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from after202.analyse.trials.probe import Capacity
from after202.charts import arms, marks, palette, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.drawing import drawn
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.records.experiment import ServiceLevel

EXPERT = True
ABOVE = 3.0
ENTRIES = (
    Entry("answered", "answer"), Entry("work done", "later"), Entry("level missed", "lost"),
)  # fmt: skip
METRICS = (("response_ms", "answer"), ("completion_ms", "later"))
Row = tuple[str, Capacity]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    level = tables.run.record.profile.level if tables.run else None
    capacities = [one for one in tables.run.capacities if _told(one)] if tables.run else []
    if level is None or not capacities:
        return None
    of = {one.arm: one for one in capacities}
    found = [(arms.label(tables, arm), of[arm]) for arm in arms.ordered(tables, of)]
    said = title(found)
    return drawn("load_curve", said, alt(found, said), lambda c: _paint(c, found, level))


def _told(found: Capacity) -> list[tuple[float, bool, float, float]]:
    """Return the probes that tell: rate, whether the level was kept, and both times (ms)."""
    return [
        (p.rate_per_s, p.met, p.response_ms, p.completion_ms)
        for p in found.probes
        if p.met is not None
    ]


def title(found: Sequence[Row]) -> str:
    """Say for how many arms the search met a rate that misses the level."""
    missed = sum(any(not kept for _, kept, *_ in _told(one)) for _, one in found)
    return f"The level of service was missed at some rate with {missed} of {len(found)} strategies"


def alt(found: Sequence[Row], said: str) -> str:
    """Return the highest rate that each arm kept, and the lowest that it missed."""
    return f"{said}. " + "; ".join(f"{label}: {_ends(one)}" for label, one in found) + "."


def _ends(found: Capacity) -> str:
    kept = [rate for rate, met, *_ in _told(found) if met]
    missed = [rate for rate, met, *_ in _told(found) if not met]
    words = [f"kept at {max(kept):.3g} per s"] if kept else []
    return ", ".join([*words, *([f"missed at {min(missed):.3g} per s"] if missed else [])])


def _paint(canvas: Canvas, found: Sequence[Row], level: ServiceLevel) -> None:
    unit = "requests per second offered; ms (both logarithmic)"
    titles = [label for label, _ in found]
    rates = [rate for _, one in found for rate, *_ in _told(one)]
    ends = scale.limits(rates, 1.2, 1.2)
    low, high = scale.limits(_times(found, level), 1.3, 1.3)
    for axes, (_, one) in zip(small.panels(canvas, titles, unit, ENTRIES), found, strict=True):
        axes.set(xscale="log", yscale="log", xlim=ends, ylim=(low, high))
        up = scale.logarithmic(low, high, small.MOST_TICKS)
        small.ticks(axes, scale.logarithmic(*ends, small.MOST_TICKS), up)
        _panel(axes, one, level)


def _times(found: Sequence[Row], level: ServiceLevel) -> list[float]:
    probes = [probe for _, one in found for probe in _told(one)]
    limits = [level.response_ms, level.completion_ms]
    shown = [
        min(ms, ABOVE * limit)
        for *_, a, b in probes
        for ms, limit in zip((a, b), limits, strict=True)
    ]
    return [*limits, *shown]


def _panel(axes: Axes, found: Capacity, level: ServiceLevel) -> None:
    if found.curve and math.isfinite(found.curve.high_per_s):
        low, high = found.curve.low_per_s, found.curve.high_per_s
        axes.axvspan(low, high, color=palette.MUTED, alpha=0.2, linewidth=0)
    for number, (metric, mark) in enumerate(METRICS):
        limit = getattr(level, metric)
        colour = palette.ANSWER if mark == "answer" else palette.INK
        axes.axhline(limit, color=colour, linewidth=1.2, linestyle=(0, (1, 2)))
        for kept in (True, False):
            mine = [(p[0], min(p[2 + number], ABOVE * limit)) for p in _told(found) if p[1] is kept]
            if mine:
                marks.put(axes, mark if kept else "lost", mine, 7)
