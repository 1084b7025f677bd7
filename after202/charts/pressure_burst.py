"""Many requests within a moment: when they were answered, and when their jobs were done.

Answers count from each request's due time, the end of the work from the start of the burst. Each
line is one trial; it ends below 100 % if requests were refused or accepted jobs were not done.
"""

from collections.abc import Sequence

import numpy as np

from after202.analyse.trials.pressure import PressureSummary
from after202.charts import palette, pressed, scale, small
from after202.charts.canvas import Canvas
from after202.charts.chart import Chart
from after202.charts.legend import Entry
from after202.charts.pressed import Group, finite
from after202.charts.tables import Tables
from after202.charts.wording import ms

ALIKE = 1.15
DASHES = (0, (3, 1.5))
ENTRIES = (
    Entry("answered (dashed)", colour=palette.ANSWER),
    Entry("work done", colour=palette.DONE),
)


def draw(tables: Tables) -> Chart | None:
    """Draw a panel per arm."""
    return pressed.chart(
        "burst",
        groups(tables),
        title,
        told="Until the last job",
        each=lambda of: ms(1000 * _all_done(of)),
        paint=_paint,
    )


def _all_done(of: Sequence[PressureSummary]) -> float:
    return max((t for one in of for t in finite(one.curves.done_s)), default=0)


def groups(tables: Tables) -> list[Group]:
    """Return the trials of each arm that did any job of its burst."""
    return [group for group in pressed.groups(tables, "burst") if _all_done(group[1]) > 0]


def title(found: Sequence[Group]) -> str:
    """Say who is done first after a burst, and who last."""
    first, last = (choose(found, key=lambda one: _all_done(one[1])) for choose in (min, max))
    low, high = _all_done(first[1]), _all_done(last[1])
    if high <= ALIKE * low:
        return (
            f"The last job of the burst is done after about {ms(1000 * high)} with every strategy"
        )
    return (
        f"{first[0]} is done with the burst after {ms(1000 * low)}, {last[0]} after"
        f" {ms(1000 * high)}"
    )


def _paint(canvas: Canvas, found: Sequence[Group]) -> None:
    unit = "s (logarithmic); % of the requests"
    titles = [label for label, _ in found]
    every = [
        t
        for _, of in found
        for one in of
        for t in finite((*one.curves.answered_s, *one.curves.done_s))
    ]
    low, high = scale.limits(every, 1.1, 1.2)
    for axes, (_, of) in zip(small.panels(canvas, titles, unit, ENTRIES), found, strict=True):
        axes.set(xscale="log", xlim=(low, high), ylim=(0, 104))
        small.ticks(axes, scale.logarithmic(low, high, small.MOST_TICKS), (0, 50, 100))
        for one in of:
            for times, colour, style in (
                (one.curves.answered_s, palette.ANSWER, DASHES),
                (one.curves.done_s, palette.DONE, "-"),
            ):
                ended = np.sort(finite(times))
                share = np.arange(1, len(ended) + 1) / max(len(times), 1) * 100
                axes.step(ended, share, where="post", color=colour, linestyle=style, linewidth=1.8)
