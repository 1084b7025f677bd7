"""Who waits behind a backlog: how long each later job waited for its start, by when it was due.

Each mark is one job of every trial. They lie on a line where a strategy works in the order of
arrival, and scatter where jobs share its threads. Crosses at the top are jobs that never started.
"""

import math
from collections.abc import Sequence

from after202.analyse.trials.pressure import PressureSummary
from after202.charts import marks, pressed, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.legend import Entry
from after202.charts.tables import Tables
from after202.charts.wording import ms

ENTRIES = (Entry("a job's start", "answer"), Entry("never started", "lost"))
LEAST_MS, ALIKE = 0.1, 1.2
Waits = list[tuple[float, float]]


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    return pressed.chart(
        "backlog",
        groups(tables),
        title,
        told="Longest wait",
        each=lambda waits: ms(_longest(waits)),
        paint=_paint,
    )


def _waits(of: Sequence[PressureSummary]) -> Waits:
    return [(due, max(1000 * wait, LEAST_MS)) for one in of for due, wait in one.curves.waits_s]


def _longest(waits: Waits) -> float:
    return max(wait for _, wait in waits)


def groups(tables: Tables) -> list[tuple[str, Waits]]:
    """Return when each arm's later jobs were due and how long they waited, in ms."""
    found = [(label, _waits(of)) for label, of in pressed.groups(tables, "backlog")]
    return [(label, waits) for label, waits in found if waits]


def title(found: Sequence[tuple[str, Waits]]) -> str:
    """Say behind whose backlog a quick job waits least and most."""
    least, most = (choose(found, key=lambda one: _longest(one[1])) for choose in (min, max))
    low, high = _longest(least[1]), _longest(most[1])
    if high <= ALIKE * low:
        return f"Behind a backlog, a quick job waits up to about {ms(high)} with every strategy"
    verb = "never starts with" if math.isinf(high) else f"waits up to {ms(high)} with"
    return f"Behind a backlog, a quick job {verb} {most[0]}, up to {ms(low)} with {least[0]}"


def _paint(canvas: Canvas, found: Sequence[tuple[str, Waits]]) -> None:
    unit = "due, s since the backlog came; ms waited (log)"
    every = [wait for _, waits in found for _, wait in waits]
    due = [at for _, waits in found for at, _ in waits]
    low, high = scale.limits(every, 1.5, 2)
    titles = [label for label, _ in found]
    for axes, (_, waits) in zip(small.panels(canvas, titles, unit, ENTRIES), found, strict=True):
        axes.set(yscale="log", xlim=(0, 1.05 * max(due)), ylim=(low, high))
        small.ticks(axes, scale.linear(max(due), 4), scale.logarithmic(low, high, 4))
        started = [(at, wait) for at, wait in waits if math.isfinite(wait)]
        never = [(at, high) for at, wait in waits if math.isinf(wait)]
        for mark, mine in (("answer", started), ("lost", never)):
            if mine:
                marks.put(axes, mark, mine, 6)
